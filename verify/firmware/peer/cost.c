/* A plugin of QEMU's: instructions executed between two addresses, and what they cost by ARM's manual.

   usage: -plugin cost.so,begin=0x...,end=0x... -d plugin
   Each time the instruction at `end` is about to execute, a line: "region INSTRUCTIONS CYCLES", counted since the one at
   `begin` was.

   CYCLES adds up the figures of the Cortex-M4 Technical Reference Manual r0p1, tables 3-1 and 7-1: no waiting for
   memory, none for a result, no dual issue; a conditional branch counts 2, between 1 (not taken) and 3; a division of whole
   numbers 7, between 2 and 12. A load or store that follows another costs less on the chip; here each counts in full. So it
   ranks code; it is no time.

   The declarations are written by hand from the documented interface, version 1: QEMU 4.2 to 8.2; Debian packages no
   header. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum { ADD_U64 = 0, NO_REGISTERS = 0 };

extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb *));
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
extern char *qemu_plugin_insn_disas(const struct qemu_plugin_insn *);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, void (*)(unsigned, void *), int, void *);
extern void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *, int, void *, uint64_t);
extern void qemu_plugin_outs(const char *);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

static uint64_t begin, end, instructions, cycles, instructions_before, cycles_before;

/* Registers named between braces: {s0, s1} or {s0-s7}. */
static unsigned registers(const char *text) {
    unsigned count = 0;
    const char *at = strchr(text, '{');
    if (!at) {
        return 1;
    }
    for (long last = 0; *at && *at != '}';) {
        int range = *at == '-';
        while (*at && *at != '}' && !(*at >= 'a' && *at <= 'z')) {
            range |= *at == '-';
            at++;
        }
        if (!*at || *at == '}') {
            break;
        }
        while (*at >= 'a' && *at <= 'z') {
            at++;
        }
        long number = strtol(at, NULL, 10);
        count += range ? (unsigned)(number - last) : 1;
        last = number;
        while (*at >= '0' && *at <= '9') {
            at++;
        }
    }
    return count;
}

/* The first prefix that fits decides; 100 stands for 1 and the registers named. */
static const struct {
    const char *prefix;
    unsigned cycles;
} table[] = {
    {"vdiv", 14}, {"vsqrt", 14}, {"vmla", 3}, {"vmls", 3}, {"vnmla", 3}, {"vnmls", 3}, {"vfma", 3}, {"vfms", 3},
    {"vfnma", 3}, {"vfnms", 3}, {"vldm", 100}, {"vstm", 100}, {"vpush", 100}, {"vpop", 100}, {"vldr", 2}, {"vstr", 2},
    {"ldm", 100}, {"stm", 100}, {"push", 100}, {"pop", 100}, {"ldrd", 3}, {"strd", 3}, {"ldr", 2}, {"str", 1},
    {"udiv", 7}, {"sdiv", 7}, {"bic", 1}, {"bfi", 1}, {"bfc", 1}, {"bkpt", 1}, {"blx", 3}, {"bl", 3}, {"bx", 3},
    {"tbb", 4}, {"tbh", 4}, {"cbz", 2}, {"cbnz", 2}, {"b.", 3}, {"b ", 3}, {"b\t", 3}, {"b", 2},
};

static unsigned cost(const char *text) {
    /* "bls" and "blt" are conditional; "bl" is a call. */
    if (!strncmp(text, "bls", 3) || !strncmp(text, "blt", 3) || !strncmp(text, "ble", 3) || !strncmp(text, "blo", 3)) {
        return 2;
    }
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (!strncmp(text, table[i].prefix, strlen(table[i].prefix))) {
            unsigned all = table[i].cycles == 100 ? 1 + registers(text) : table[i].cycles;
            /* Loading the program counter is a branch. */
            return all + (!strncmp(text, "pop", 3) && strstr(text, "pc") ? 2 : 0);
        }
    }
    return 1;
}

static void at_begin(unsigned cpu, void *data) {
    (void)cpu, (void)data;
    instructions_before = instructions;
    cycles_before = cycles;
}

static void at_end(unsigned cpu, void *data) {
    (void)cpu, (void)data;
    char line[80];
    snprintf(line, sizeof line, "region %" PRIu64 " %" PRIu64 "\n", instructions - instructions_before,
             cycles - cycles_before);
    qemu_plugin_outs(line);
}

static void translate(plugin_id id, struct qemu_plugin_tb *block) {
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);
        uint64_t address = qemu_plugin_insn_vaddr(instruction);
        char *text = qemu_plugin_insn_disas(instruction);
        if (address == begin || address == end) {
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, address == begin ? at_begin : at_end, NO_REGISTERS, NULL);
        }
        qemu_plugin_register_vcpu_insn_exec_inline(instruction, ADD_U64, &instructions, 1);
        qemu_plugin_register_vcpu_insn_exec_inline(instruction, ADD_U64, &cycles, text ? cost(text) : 1);
        free(text);
    }
}

__attribute__((visibility("default"))) int qemu_plugin_install(plugin_id id, const void *info, int count, char **options) {
    (void)info;
    for (int i = 0; i < count; i++) {
        /* The lowest bit of a symbol's value says Thumb. */
        if (!strncmp(options[i], "begin=", 6)) {
            begin = strtoull(options[i] + 6, NULL, 0) & ~UINT64_C(1);
        } else if (!strncmp(options[i], "end=", 4)) {
            end = strtoull(options[i] + 4, NULL, 0) & ~UINT64_C(1);
        }
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
    return 0;
}
