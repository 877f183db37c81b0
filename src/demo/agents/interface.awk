# A schema (`interface NAME`, then `field type` lines, `#` comments) to a TypeScript interface.
/^#/ { print "//" substr($0, 2); next }
/^interface / { print "export interface " $2 " {"; open = 1; next }
NF == 2 { print "  " $1 ": " $2 ";" }
END { if (open) print "}" }
