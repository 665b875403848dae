"""Thrift's compact protocol by hand, independent of the library that the server uses.

A struct is a dict of field id to value: bool, int (i64), I32, str, bytes, list, dict (a struct),
Map. Decoding gives the same without I32 (all integers are int) and without str (bytes).
"""

TRUE, FALSE, I32_TYPE, I64_TYPE, BINARY, LIST, MAP, STRUCT = 1, 2, 5, 6, 8, 9, 11, 12
INTEGERS = (4, I32_TYPE, I64_TYPE)


class I32(int):
    """An integer written as i32; enums are."""


class Map(dict):
    """A map<string, string>, not a struct."""


def encode(struct):
    out = bytearray()
    last = 0
    for field, value in sorted(struct.items()):
        kind = (TRUE if value else FALSE) if isinstance(value, bool) else kind_of(value)
        delta = field - last
        if 0 < delta <= 15:
            out.append(delta << 4 | kind)
        else:
            out.append(kind)
            out += varint(zigzag(field))
        last = field
        if not isinstance(value, bool):
            out += encode_value(value)
    out.append(0)
    return bytes(out)


def kind_of(value):
    if isinstance(value, bool):
        return TRUE
    if isinstance(value, int):
        return I32_TYPE if isinstance(value, I32) else I64_TYPE
    if isinstance(value, (str, bytes)):
        return BINARY
    if isinstance(value, list):
        return LIST
    return MAP if isinstance(value, Map) else STRUCT


def encode_value(value):
    if isinstance(value, int):
        return varint(zigzag(value))
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return varint(len(value)) + value
    if isinstance(value, list):
        kind = kind_of(value[0]) if value else STRUCT
        head = bytes([len(value) << 4 | kind]) if len(value) < 15 else (
            bytes([0xF0 | kind]) + varint(len(value)))
        return head + b"".join(encode_value(one) for one in value)
    return encode(value)


def zigzag(value):
    return (value << 1) ^ (value >> 63)


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def decode(data):
    reader = Reader(data)
    struct = reader.struct()
    assert reader.at == len(data), "bytes after the end of the struct"
    return struct


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def varint(self):
        value, shift = 0, 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def integer(self):
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def binary(self):
        size = self.varint()
        assert self.at + size <= len(self.data), "a length beyond the end"
        self.at += size
        return self.data[self.at - size:self.at]

    def struct(self):
        out, last = {}, 0
        while (head := self.byte()) != 0:
            last = last + (head >> 4) if head >> 4 else self.integer()
            kind = head & 15
            out[last] = (kind == TRUE) if kind in (TRUE, FALSE) else self.value(kind)
        return out

    def value(self, kind):
        if kind in (TRUE, FALSE):
            return self.byte() == TRUE
        if kind in INTEGERS:
            return self.integer()
        if kind == BINARY:
            return self.binary()
        if kind == LIST:
            head = self.byte()
            size = head >> 4 if head >> 4 != 15 else self.varint()
            return [self.value(head & 15) for _ in range(size)]
        if kind == MAP:
            return self.map()
        assert kind == STRUCT, f"type {kind}"
        return self.struct()

    def map(self):
        size = self.varint()
        if size == 0:
            return Map()
        kinds = self.byte()
        return Map((self.value(kinds >> 4), self.value(kinds & 15)) for _ in range(size))
