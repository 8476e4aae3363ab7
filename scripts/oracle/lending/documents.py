"""Check digits of CPF and CNPJ, and the check sum of Pix codes (Identifiers, Collection)."""

PIX_VALUES = {"00": "01", "01": "12", "52": "0000", "53": "986", "58": "BR"}
CNPJ_WEIGHTS = (5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)


def check_digit(values: list[int], weights: list[int]) -> int:
    rest = sum(value * weight for value, weight in zip(values, weights, strict=True)) % 11
    return 0 if rest < 2 else 11 - rest


def cpf_from(nine: str) -> str:
    """Adds the two check digits and the punctuation."""
    values = [int(digit) for digit in nine]
    values.append(check_digit(values, list(range(10, 1, -1))))
    values.append(check_digit(values, list(range(11, 1, -1))))
    text = "".join(map(str, values))
    return f"{text[:3]}.{text[3:6]}.{text[6:9]}-{text[9:]}"


def is_cpf(text: str) -> bool:
    plain = text.replace(".", "").replace("-", "")
    if len(plain) != 11 or not (plain.isascii() and plain.isdigit()) or len(set(plain)) == 1:
        return False
    return cpf_from(plain[:9]).replace(".", "").replace("-", "") == plain


def cnpj_from(twelve: str) -> str:
    """Adds the two check digits. A character is worth its ASCII code less 48."""
    values = [ord(character) - 48 for character in twelve.upper()]
    values.append(check_digit(values, list(CNPJ_WEIGHTS)))
    values.append(check_digit(values, [6, *CNPJ_WEIGHTS]))
    text = twelve.upper() + "".join(map(str, values[12:]))
    return f"{text[:2]}.{text[2:5]}.{text[5:8]}/{text[8:12]}-{text[12:]}"


def is_cnpj(text: str) -> bool:
    plain = "".join(character for character in text.upper() if character not in "./-")
    allowed = all(character.isascii() and character.isalnum() for character in plain)
    if len(plain) != 14 or not allowed or not plain[12:].isdigit() or len(set(plain)) == 1:
        return False
    return "".join(c for c in cnpj_from(plain[:12]) if c not in "./-") == plain


def pix_check_sum(text: str) -> str:
    """CRC-16/CCITT-FALSE as four upper-case hexadecimal digits."""
    register = 0xFFFF
    for byte in text.encode():
        register ^= byte << 8
        for _ in range(8):
            register = (register << 1) ^ (0x1021 if register & 0x8000 else 0)
            register &= 0xFFFF
    return f"{register:04X}"


def pix_fields(code: str) -> dict[str, str]:
    """The fields of a BR Code: two digits of name, two digits of length, value."""
    fields, rest = {}, code
    while rest:
        name, length = rest[:2], int(rest[2:4])
        fields[name], rest = rest[4 : 4 + length], rest[4 + length :]
    return fields


def pix_faults(code: str) -> list[str]:
    """The rules of *Collection* that a Pix code breaks."""
    fields = pix_fields(code)
    account = pix_fields(fields.get("26", ""))
    rules = {
        "fields": list(fields) == ["00", "01", "26", "52", "53", "58", "59", "60", "62", "63"],
        "fixed values": all(fields.get(name) == value for name, value in PIX_VALUES.items()),
        "account": list(account) == ["00", "25"] and account["00"] == "br.gov.bcb.pix",
        "address without scheme": "://" not in account.get("25", "://"),
        "length of the name": 0 < len(fields.get("59", "")) <= 25,
        "length of the city": 0 < len(fields.get("60", "")) <= 15,
        "reference": pix_fields(fields.get("62", "")) == {"05": "***"},
        "check sum": code[-4:] == pix_check_sum(code[:-4]),
    }
    return [name for name, holds in rules.items() if not holds]
