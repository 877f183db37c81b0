# Says what is wrong with a TypeScript endpoint; says nothing when it is well.
function wrong(text) { if (said == "") { said = text; print text } }
/require\(/ { wrong("line " FNR ": still uses require()") }
/^module\.exports/ { wrong("line " FNR ": still uses module.exports") }
/^'use strict'/ { strict = FNR }
/^ \* @param \{/ { type = $3; gsub(/[{}]/, "", type); documented[$4] = type }
/^ \* @returns \{/ { promised = $3; gsub(/[{}]/, "", promised) }
/^import type \{/ {
  path = $0; sub(/^[^']*'\.\.\//, "", path); sub(/'.*$/, "", path)
  file = "src/" path ".ts"; found = 0
  while ((getline text < file) > 0) if (text == "export interface " $4 " {") found = 1
  close(file)
  if (!found) wrong(file " does not export " $4)
  imported[$4] = 1
}
/^(export )?function / {
  functions++
  if ($1 == "export") exports++
  result = $0
  if (!sub(/^.*\): /, "", result)) { wrong("line " FNR ": the result has no type"); next }
  sub(/ \{$/, "", result)
  if (result != promised) wrong("line " FNR ": returns " result ", but its comment says " promised)
  if (result ~ /^[A-Z]/ && !(result in imported)) wrong("line " FNR ": " result " is not imported")
  list = $0; sub(/^[^(]*\(/, "", list); sub(/\): .*$/, "", list)
  count = split(list, argument, /, */)
  for (i = 1; i <= count; i++) {
    if (split(argument[i], part, /: /) != 2) wrong("line " FNR ": `" argument[i] "` has no type")
    else if (part[2] != documented[part[1]]) wrong("line " FNR ": `" part[1] "` is " part[2] ", but its comment says " documented[part[1]])
  }
  split("", documented)
}
{ open += gsub(/\{/, "{"); open -= gsub(/\}/, "}") }
END {
  if (exports != 1) wrong("exports " exports + 0 " functions, not one")
  if (open != 0) wrong("its braces do not match")
  if (strict) wrong("line " strict ": modules are strict anyway")
  if (said != "") exit 1
}
