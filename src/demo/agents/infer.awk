# An interface from what a function returns, where no schema describes it. -v type=NAME. Fields whose type cannot be told are
# `unknown`, which TypeScript makes everybody check.
/^ \* @param \{/ { t = $3; gsub(/[{}]/, "", t); of[$4] = t }
/^ \* @returns \{/ { returns = $3; gsub(/[{}]/, "", returns) }
/^ +return \{.*\};$/ && returns == type {
  body = $0; sub(/^ +return \{ */, "", body); sub(/ *\};$/, "", body)
  count = split(body, field, /, */)
  print "// Inferred from what the function returns: no schema describes it."
  print "export interface " type " {"
  for (i = 1; i <= count; i++) {
    split(field[i], part, /: */)
    value = part[2]
    if (value ~ /^'/) t = "string"
    else if (value ~ /^-?[0-9.]+$/) t = "number"
    else if (value == "true" || value == "false") t = "boolean"
    else if (value in of) t = of[value]
    else t = "unknown"
    print "  " part[1] ": " t ";"
  }
  print "}"
  exit
}
