import type { PickleMachine } from "./machine.ts";
import { PickleDict, PickleList, PickleText } from "./values.ts";

type Opcode = (machine: PickleMachine) => void;

/** The supported opcodes, by their byte. Python's `pickletools` describes each. */
export const opcodes: Readonly<Record<number, Opcode>> = {
  128: (m) => m.protocol(m.uint(1)), // PROTO
  149: (m) => void m.bytes(8), // FRAME: its length, which the whole file makes needless
  40: (m) => m.mark(), // MARK
  48: (m) => void m.pop(), // POP
  49: (m) => void m.popToMark(), // POP_MARK
  50: (m) => m.push(m.top()), // DUP
  78: (m) => m.push(null), // NONE
  136: (m) => m.push(true), // NEWTRUE
  137: (m) => m.push(false), // NEWFALSE
  74: (m) => m.push(m.uint(4) | 0), // BININT
  75: (m) => m.push(m.uint(1)), // BININT1
  77: (m) => m.push(m.uint(2)), // BININT2
  138: (m) => m.push(m.long(m.uint(1))), // LONG1
  71: (m) => m.push(m.float()), // BINFLOAT
  84: (m) => m.push(m.bytes(m.uint(4))), // BINSTRING
  85: (m) => m.push(m.bytes(m.uint(1))), // SHORT_BINSTRING
  66: (m) => m.push(m.bytes(m.uint(4))), // BINBYTES
  67: (m) => m.push(m.bytes(m.uint(1))), // SHORT_BINBYTES
  142: (m) => m.push(m.bytes(m.uint(8))), // BINBYTES8
  150: (m) => m.push(m.bytes(m.uint(8))), // BYTEARRAY8
  88: (m) => m.push(new PickleText(m.bytes(m.uint(4)))), // BINUNICODE
  140: (m) => m.push(new PickleText(m.bytes(m.uint(1)))), // SHORT_BINUNICODE
  141: (m) => m.push(new PickleText(m.bytes(m.uint(8)))), // BINUNICODE8
  41: (m) => m.push([]), // EMPTY_TUPLE
  133: (m) => m.push(m.popMany(1)), // TUPLE1
  134: (m) => m.push(m.popMany(2)), // TUPLE2
  135: (m) => m.push(m.popMany(3)), // TUPLE3
  116: (m) => m.push(m.popToMark()), // TUPLE
  93: (m) => m.push(new PickleList()), // EMPTY_LIST
  97: (m) => m.append(m.popMany(1)), // APPEND
  101: (m) => m.append(m.popToMark()), // APPENDS
  125: (m) => m.push(new PickleDict()), // EMPTY_DICT
  115: (m) => m.setItems(m.popMany(2)), // SETITEM
  117: (m) => m.setItems(m.popToMark()), // SETITEMS
  104: (m) => m.get(m.uint(1)), // BINGET
  106: (m) => m.get(m.uint(4)), // LONG_BINGET
  113: (m) => m.put(m.uint(1)), // BINPUT
  114: (m) => m.put(m.uint(4)), // LONG_BINPUT
  148: (m) => m.memoize(), // MEMOIZE
  99: (m) => m.global(m.line(), m.line()), // GLOBAL
  147: (m) => m.stackGlobal(), // STACK_GLOBAL
  82: (m) => m.reduce(), // REDUCE
  98: (m) => m.build(), // BUILD
};

/** Names of unsupported opcodes, for error messages. */
export const refused: Readonly<Record<number, string>> = {
  151: "NEXT_BUFFER (a buffer that is kept outside the file)",
  152: "READONLY_BUFFER",
  129: "NEWOBJ",
  146: "NEWOBJ_EX",
  105: "INST",
  111: "OBJ",
  130: "EXT1",
  131: "EXT2",
  132: "EXT4",
  80: "PERSID",
  81: "BINPERSID",
  139: "LONG4",
  143: "EMPTY_SET",
  144: "ADDITEMS",
  145: "FROZENSET",
  73: "INT of protocol 0",
  76: "LONG of protocol 0",
  70: "FLOAT of protocol 0",
  83: "STRING of protocol 0",
  86: "UNICODE of protocol 0",
  103: "GET of protocol 0",
  112: "PUT of protocol 0",
  108: "LIST of protocol 0",
  100: "DICT of protocol 0",
};
