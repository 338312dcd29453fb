# Puts files into C++ strings, unchanged.
# cmake -DFILES=name=path|name=path -DHEADER=… -DNAMESPACE=… -DOUT=file.cc -P …
string(REPLACE "|" ";" FILES "${FILES}")
set(text "#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n")
foreach(pair IN LISTS FILES)
  string(REGEX MATCH "^([^=]+)=(.+)$" _ "${pair}")
  set(name "${CMAKE_MATCH_1}")
  file(READ "${CMAKE_MATCH_2}" piece)
  string(APPEND text "\nconst char* const ${name} = R\"text(${piece})text\";\n")
endforeach()
string(APPEND text "\n}  // namespace ${NAMESPACE}\n")
file(WRITE "${OUT}" "${text}")
