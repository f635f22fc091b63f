"""Files in whatever encoding an office saved them."""

import pytest

from matcher.catalogue.decoding import decode
from matcher.domain import CatalogueError

TEXT = "name,fees\nCafé Cymru,£3 a week – don’t worry\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_the_usual_encodings_give_the_same_text(tmp_path, encoding):
    path = tmp_path / "groups.csv"
    path.write_bytes(TEXT.encode(encoding))
    assert decode(path) == TEXT


def test_latin_1_is_read_although_one_letter_is_all_that_tells_it(tmp_path):
    path = tmp_path / "groups.csv"
    path.write_bytes("name,fees\nSinging,£3\n".encode("latin-1"))
    assert decode(path) == "name,fees\nSinging,£3\n"


def test_a_letter_cut_in_two_at_the_end_is_not_utf_8(tmp_path):
    path = tmp_path / "groups.csv"
    path.write_bytes(TEXT.encode()[:14])
    assert "Caf" in decode(path)


def test_a_spreadsheet_is_refused_with_what_to_do(tmp_path):
    path = tmp_path / "groups.csv"
    path.write_bytes(b"PK\x03\x04" + bytes(range(256)) * 8)
    with pytest.raises(CatalogueError, match=r"groups\.csv: holds no text; save a spreadsheet as CSV"):
        decode(path)


def test_a_file_of_zeros_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "sparse.json"
    with path.open("wb") as file:
        file.truncate(4 << 30)  # more than would fit into memory; takes no room on disk
    with pytest.raises(CatalogueError, match="holds no text"):
        decode(path)
