# Makes cbindgen's output readable: comments in one style, bare constants without gaps, and after each
# item in double its twin in float, without the comments.
BEGIN { RS = ""; FS = "\n" }

function twin(text) {
    gsub(/_f64/, "_f32", text)
    gsub(/double /, "float ", text)
    return text
}

# The paragraph with its comments closed up; sets `bare` to the same without them.
function close_up(    i, line, indent, out, open, first) {
    out = bare = ""
    for (i = 1; i <= NF; i++) {
        line = $i
        if (line ~ /^ *\/\*$/) {
            match(line, /^ */)
            indent = substr(line, 1, RLENGTH)
            open = first = 1
        } else if (open && line ~ /^ *\*\/$/) {
            out = out " */\n"
            open = 0
        } else if (open) {
            sub(/^ */, "", line)
            out = out (first ? indent "/* " : "\n" indent " * ") line
            first = 0
        } else if (line ~ /^\/\* .* \*\/$/) {
            out = out line "\n"
        } else {
            out = out line "\n"
            bare = bare line "\n"
        }
    }
    return out
}

# Before the end of `extern "C"` come the functions of inline.h, read as if cbindgen had written them.
/^#ifdef __cplusplus\n}/ {
    end = $0
    while ((getline <inline_file) > 0) show()
    printf "\n%s\n", end
    next
}

{ show() }

function show(    text, constant) {
    text = close_up()
    constant = text ~ /^#define TEETER_[A-Z]/ && NF == 1
    printf "%s%s", (constant || NR == 1 ? "" : "\n"), text
    if (bare ~ /_f64/ && text !~ /^\/\* teeter/) printf "%s%s", (bare ~ /^typedef struct/ ? "\n" : ""), twin(bare)
}
