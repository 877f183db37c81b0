# One endpoint from JavaScript to TypeScript; the types come from its JSDoc. -v types=NAME names the file of its return type.
/^'use strict';$/ { drop_blank = 1; next }
drop_blank && /^$/ { drop_blank = 0; next }
{ drop_blank = 0 }
/^ \* @param \{/ { type = $3; gsub(/[{}]/, "", type); of[$4] = type }
/^ \* @returns \{/ { returns = $3; gsub(/[{}]/, "", returns) }
/^const [a-z]+ = require\(/ {
  path = $0; sub(/^[^']*'/, "", path); sub(/'.*$/, "", path)
  line[++n] = "import " $2 " from '" path "';"
  last_import = n
  next
}
/^function / {
  name = $0; sub(/^function /, "", name); sub(/\(.*$/, "", name)
  list = $0; sub(/^[^(]*\(/, "", list); sub(/\).*$/, "", list)
  count = split(list, argument, /, */)
  typed = ""
  for (i = 1; i <= count; i++) typed = typed (i > 1 ? ", " : "") argument[i] ": " of[argument[i]]
  line[++n] = "function " name "(" typed "): " returns " {"
  defined[n] = name
  result[name] = returns
  split("", of); returns = "void"
  next
}
/^module\.exports = / { exported = $0; sub(/^[^{]*\{ */, "", exported); sub(/ *\}.*$/, "", exported); next }
{ line[++n] = $0 }
END {
  while (n > 0 && line[n] == "") n--
  if (last_import == 0) print "import type { " result[exported] " } from '../types/" types "';\n"
  for (i = 1; i <= n; i++) {
    print (defined[i] == exported && defined[i] != "" ? "export " : "") line[i]
    if (i == last_import) print "import type { " result[exported] " } from '../types/" types "';"
  }
}
