"""Opens a push's body as docs/PROTOCOL.md section 6 says, with the system's libcrypto."""

import ctypes
import ctypes.util
import hashlib
import hmac
import struct

import compact

SET_IV_LENGTH, SET_TAG = 0x9, 0x11
CIPHERS = {1: ("EVP_aes_128_gcm", 16), 2: ("EVP_chacha20_poly1305", 32)}


def load_libcrypto():
    crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))
    for name in ("EVP_CIPHER_CTX_new", "EVP_aes_128_gcm", "EVP_chacha20_poly1305"):
        getattr(crypto, name).restype = ctypes.c_void_p
    return crypto


CRYPTO = load_libcrypto()


def text(value):
    data = value if isinstance(value, bytes) else value.encode()
    return struct.pack(">H", len(data)) + data


def derive_key(secret, incarnation, feed, size):
    extracted = hmac.digest(bytes(32), secret, hashlib.sha256)
    info = text(incarnation) + text(feed)
    return hmac.digest(extracted, info + b"\x01", hashlib.sha256)[:size]


def open_push(push, registration, feed=None):
    """The PushBody of a decoded Push, or None where it does not verify.

    `registration` is who tries: its regId, secret and incarnation. With `feed` the push is taken
    to be of another feed than it says.
    """
    feed = feed or push[2].decode()
    name, key_size = CIPHERS[push[10]]
    key = derive_key(registration.secret, registration.incarnation, feed, key_size)
    associated = text(registration.reg_id) + text(feed) + struct.pack(">Q", push[3])
    plain = decrypt(name, key, push[4], associated, push[11])
    return None if plain is None else compact.decode(plain)


def decrypt(cipher, key, nonce, associated, sealed):
    body, tag = sealed[:-16], sealed[-16:]
    context = ctypes.c_void_p(CRYPTO.EVP_CIPHER_CTX_new())
    try:
        begun = (
            CRYPTO.EVP_DecryptInit_ex(context, ctypes.c_void_p(getattr(CRYPTO, cipher)()), None,
                                      None, None) == 1
            and CRYPTO.EVP_CIPHER_CTX_ctrl(context, SET_IV_LENGTH, len(nonce), None) == 1
            and CRYPTO.EVP_DecryptInit_ex(context, None, None, key, nonce) == 1)
        assert begun, "libcrypto refused key or nonce"
        plain, size = ctypes.create_string_buffer(len(body) + 16), ctypes.c_int()
        CRYPTO.EVP_DecryptUpdate(context, None, ctypes.byref(size), associated, len(associated))
        CRYPTO.EVP_DecryptUpdate(context, plain, ctypes.byref(size), body, len(body))
        CRYPTO.EVP_CIPHER_CTX_ctrl(context, SET_TAG, 16, tag)
        rest = ctypes.create_string_buffer(16)
        if CRYPTO.EVP_DecryptFinal_ex(context, rest, ctypes.byref(ctypes.c_int())) != 1:
            return None
        return plain.raw[:len(body)]
    finally:
        CRYPTO.EVP_CIPHER_CTX_free(context)
