# The part of a formatted Rust file that C sees: types, constants and signatures, with their documents.
# Bodies are left out, and so is syntax that older versions of cbindgen do not know.
/^\/\/\/$/ || /^\/\/\/ See `TEETER_[A-Z_]*`\.$/ { next }
/^\/\/\// || /^#\[/ {
    if ($0 ~ /^\/\/\// || $0 ~ /^#\[repr\(C\)\]/ || $0 ~ /^#\[unsafe\(no_mangle\)\]/) {
        line = $0
        gsub(/\[`/, "`", line)
        gsub(/`\]/, "`", line)
        sub(/#\[unsafe\(no_mangle\)\]/, "#[no_mangle]", line)
        pending = pending line "\n"
    }
    next
}
/^pub (const|type) [A-Za-z_]/ && !/ fn / { printf "%s", pending; pending = ""; item = 1 }
/^pub struct / { printf "%s", pending; pending = ""; item = 2 }
/^pub (unsafe )?extern "C" fn / { printf "%s", pending; pending = ""; item = 3 }
item == 1 { print; if (/;$/) item = 0; next }
item == 2 { print; if (/^}/ || /;$/) item = 0; next }
item == 3 { if (/\{$/) { print $0 " loop {} }"; item = 0; print "" } else print; next }
{ pending = "" }
