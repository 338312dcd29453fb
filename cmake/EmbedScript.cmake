# Joins Lua files, in the order given, into one C++ string, without comment lines: a script is sent whole.
# cmake -DFILES=a.lua|b.lua -DHEADER=redis/scripts/script_text.h -DNAMESPACE=weir::redis -DNAME=kScriptText -DOUT=file.cc -P …
string(REPLACE "|" ";" FILES "${FILES}")
set(text "\n")
foreach(file IN LISTS FILES)
  file(READ "${file}" piece)
  string(APPEND text "${piece}")
endforeach()
string(REGEX REPLACE "\n *--[^\n]*" "" text "${text}")
file(WRITE "${OUT}" "#include \"${HEADER}\"\n
namespace ${NAMESPACE} {\n
const char* const ${NAME} = R\"lua(${text})lua\";\n
}  // namespace ${NAMESPACE}\n")
