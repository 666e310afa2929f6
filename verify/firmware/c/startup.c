/* From reset to main on a Cortex-M4F in QEMU, which loads .data where it belongs and gives memory that is zero. */
#include <stdint.h>
#include <stdlib.h>

extern uint32_t __stack_end;
extern int main(void);
extern void initialise_monitor_handles(void);

/* newlib runs these around main; there is nothing to run. */
void _init(void) {}
void _fini(void) {}

__attribute__((noreturn)) void reset(void) {
    *(volatile uint32_t *)0xE000ED88 |= 0xFU << 20; /* CPACR: coprocessors 10 and 11 */
    __asm volatile("dsb\n isb");
    initialise_monitor_handles();
    exit(main());
}

/* Semihosting: the application has ended with a run-time error. */
static void fault(void) {
    register uint32_t r0 __asm("r0") = 0x18, r1 __asm("r1") = 0x20023;
    __asm volatile("bkpt 0xAB" ::"r"(r0), "r"(r1));
    for (;;) {}
}

__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
    &__stack_end, (void *)reset, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault,
};
