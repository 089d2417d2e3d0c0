"""What every hand-written script of W1 works with: the same names, weights, spans and folder; data only, no tricks."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path


def words(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


FIRST_NAMES = words("""
James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph Jessica Thomas Sarah Charles Karen
Christopher Lisa Daniel Nancy Matthew Betty Anthony Margaret Mark Sandra Donald Ashley Steven Kimberly Paul Emily Andrew Donna Joshua Michelle
Kenneth Carol Kevin Amanda Brian Dorothy George Melissa Edward Deborah Ronald Stephanie Timothy Rebecca Jason Sharon Jeffrey Laura Ryan Cynthia
Jacob Kathleen Gary Amy Nicholas Shirley Eric Angela Jonathan Helen Stephen Anna Larry Brenda Justin Pamela Scott Nicole Brandon Emma Benjamin
Samantha Samuel Katherine Gregory Christine Frank Debra Alexander Rachel Raymond Catherine Patrick Carolyn Jack Janet Dennis Ruth Jerry Maria
Tyler Heather Aaron Diane Jose Virginia Henry Julie Adam Joyce Douglas Victoria Nathan Olivia Peter Kelly Zachary Christina Kyle Lauren Walter Joan
""")
LAST_NAMES = words("""
Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson Thomas Taylor Moore Jackson
Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young Allen King Wright Scott Torres Nguyen Hill Flores Green
Adams Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts Gomez Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart Morris
Morales Murphy Cook Rogers Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim Cox Ward Richardson Watson Brooks Chavez Wood
James Bennett Gray Mendoza Ruiz Hughes Price Alvarez Castillo Sanders Patel Myers Long Ross Foster Jimenez Powell Jenkins Perry Russell Sullivan
Bell Coleman Butler Henderson Barnes Gonzales Fisher Vasquez Simmons Romero Jordan Patterson Alexander Hamilton Graham Reynolds Griffin Wallace
Moreno West Cole Hayes Bryant Herrera Gibson Ellis Tran Medina Aguilar Stevens Murray Ford Castro Marshall Owens Harrison Fernandez McDonald Woods
Washington Kennedy Wells Vargas Henry Chen Freeman Webb Tucker Guzman Burns Crawford Olson Simpson Porter Hunter Gordon Mendez Silva Shaw Snyder
""")
DOMAINS = ["example.com", "example.net", "example.org", "mail.example.com"]

COUNTRIES = words("US DE GB FR IT ES NL PL SE BR MX CA JP IN AU TR CZ PT AT DK")
COUNTRY_WEIGHTS = [24, 12, 9, 8, 7, 6, 4, 4, 3, 4, 3, 3, 3, 3, 2, 1, 1, 1, 1, 1]
TYPES = ["view", "click", "search", "cart", "purchase", "refund"]
TYPE_WEIGHTS = [50, 20, 15, 8, 6, 1]

#: Monday first; half past eight in the evening of a Saturday is the busiest time.
DAY_WEIGHTS = [1.0, 1.0, 1.0, 1.1, 1.3, 1.6, 1.4]
HOUR_WEIGHTS = [1, 1, 1, 1, 1, 2, 3, 5, 7, 8, 8, 8, 9, 8, 8, 8, 8, 9, 10, 11, 12, 10, 7, 3]

START, DAYS = date(2024, 1, 1), 366
EPOCH = date(1970, 1, 1)
AGE_MEAN, AGE_STD, AGE_LOW, AGE_HIGH = 35.0, 12.0, 18, 80
AMOUNT_MEAN, AMOUNT_SIGMA, AMOUNT_LOW, AMOUNT_HIGH = 3.2, 0.8, 0.5, 2000.0
EVENTS_A_USER = 8.0
SEED = 42


def arguments() -> tuple[int, Path]:
    """The number of users and the folder to write to, from the command line."""
    users, folder = int(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    return users, folder
