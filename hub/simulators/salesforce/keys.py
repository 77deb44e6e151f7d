"""The key pair of a simulated app, fixed so that accounts made in another process work."""

from __future__ import annotations

from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

_P = (
    "dc968e80ee70b7687a8717615eb152d704d4e7c44a0b2a20ea3deeb078fdfa23e9aecc1e323f36196f582171"
    "c876ecd25135c9a831549f7b731714002a6d5c5f9b817ff56738e18d713cc2815c2e05b523cd3ac8f08a44fd"
    "533ad40066e3f6d733a746e53b1b952a9da048c6c597b3ec41576bca369fe635f922228c30ee9b13"
)
_Q = (
    "cddd4e9ddfc7e830b1db33b9fa182c412b3b9d9bb1d6245f3d83b653ecc1ca54e8c5369d4d85b7f3d08e8d47"
    "095190097eaaea7d2c21594e3a1718da72e1d0d97aee558e1aa4b0c5dae8e2723664c1026cda57ba04337838"
    "408b895765dfac2c602c80b3a9acb4ca8fa934bbb3460d8315fa41863489d2880039597c3d0b24a1"
)
_E = 65537


@cache
def _pair() -> rsa.RSAPrivateKey:
    p, q = int(_P, 16), int(_Q, 16)
    d = pow(_E, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), rsa.RSAPublicNumbers(_E, p * q)
    )
    return numbers.private_key()


def private_key() -> str:
    """The app's private key in PEM, as an account keeps it; of no use outside a simulated org."""
    return _pair().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_key() -> str:
    """The public key in PEM, as the org has registered it."""
    return _pair().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
