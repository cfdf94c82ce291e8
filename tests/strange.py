"""Text as nobody types it, to give to everything that takes text."""

from hypothesis import strategies as st

from tenants.countries import country_options

CODES = [option.code for option in country_options()]

texts = st.one_of(
    st.text(),
    st.text(alphabet=st.characters(codec=None)),  # lone surrogates too
    st.text(alphabet="0123456789 +-()/.,#*xe٠١٢３４\u200f\u202e\u0000\n\tABCabc"),
    st.sampled_from(
        ["", " ", "\x00", "\u202e12345", "👩‍👩‍👧‍👦 12", "שלום 5", "İı", "ß" * 50, "ﬁ", "a\u0301" * 40]
    ),
)
country_codes = st.one_of(st.sampled_from([*CODES, "", "XX", "ZZ", "gb", "../x"]), texts)
LONG = [
    "1" * 10_000,
    "+" * 10_000,
    "(" * 10_000,
    "a" * 10_000,
    " -" * 5_000,
    "1 " * 5_000,
    "\u0301" * 10_000,
    "👩" * 10_000,
]
