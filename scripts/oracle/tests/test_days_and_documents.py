"""Business days, check digits and Pix check sums against the vectors of the rules."""

import unittest
from datetime import date, timedelta

from lending.days import business_day_after, due_dates, easter, effective_due_date, is_business_day
from lending.documents import is_cnpj, is_cpf, pix_check_sum, pix_faults


class BusinessDays(unittest.TestCase):
    def test_number_of_business_days_of_a_year(self):
        for year, expected in {2024: 253, 2025: 252, 2026: 249, 2027: 251, 2028: 248}.items():
            days = (date(year, 1, 1) + timedelta(days=k) for k in range(366))
            self.assertEqual(sum(is_business_day(day) for day in days if day.year == year), expected)

    def test_next_business_day(self):
        pairs = {
            "2026-02-14": "2026-02-18",
            "2026-02-15": "2026-02-18",
            "2026-02-16": "2026-02-18",
            "2026-04-03": "2026-04-06",
            "2026-11-20": "2026-11-23",
            "2027-01-01": "2027-01-04",
            "2023-11-20": "2023-11-20",
        }
        for day, expected in pairs.items():
            self.assertEqual(effective_due_date(date.fromisoformat(day)).isoformat(), expected)

    def test_easter(self):
        self.assertEqual([easter(year).isoformat() for year in (2024, 2025, 2026, 2038)],
                         ["2024-03-31", "2025-04-20", "2026-04-05", "2038-04-25"])

    def test_third_business_day(self):
        self.assertEqual(business_day_after(date(2026, 2, 12), 3), date(2026, 2, 19))

    def test_a_short_month_uses_its_last_day_and_the_day_comes_back(self):
        days = [day.isoformat() for day in due_dates(date(2026, 1, 31), 3)]
        self.assertEqual(days, ["2026-02-28", "2026-03-31", "2026-04-30"])


class CheckDigits(unittest.TestCase):
    def test_cpf(self):
        for valid in ("529.982.247-25", "111.444.777-35", "123.456.789-09", "255.248.930-33"):
            self.assertTrue(is_cpf(valid), valid)
        for invalid in ("529.982.247-26", "111.111.111-11", "5299822472", "529.982.24A-25"):
            self.assertFalse(is_cpf(invalid), invalid)

    def test_cnpj(self):
        for valid in ("11.222.333/0001-81", "12.345.678/0001-95", "33.000.167/0001-01",
                      "12.ABC.345/01DE-35", "12ABC345000188"):
            self.assertTrue(is_cnpj(valid), valid)
        for invalid in ("12ABC34501DE36", "12ABC34501DEA5", "12ABC34501DE3", "00000000000000"):
            self.assertFalse(is_cnpj(invalid), invalid)

    def test_pix_check_sum(self):
        self.assertEqual(pix_check_sum("123456789"), "29B1")
        code = ("00020101021226700014br.gov.bcb.pix2548pix.example.com/8b3da2f39a4140d1a91abd93113bd441"
                "5204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***6304")
        self.assertEqual(pix_check_sum(code), "64E4")
        self.assertEqual(pix_faults(code + "64E4"), [])
        self.assertEqual(pix_faults(code + "64E5"), ["check sum"])
