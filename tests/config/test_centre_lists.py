"""Papers and synonyms: lists of their own beside the procedures."""

import pytest

from config.centre.loader import load_centre

SPLIT = '[[checklist]]\nprocedures = ["DD-1"]\npapers = [{}]\n'


def test_what_people_say_is_found_at_the_procedures_it_means(folder) -> None:
    folder.write("synonyms.toml", '[[synonym]]\nsaid = ["chia thửa"]\nmeans = ["TÁCH  thửa"]\nprocedures = ["HT-1"]\n')

    birth, split = load_centre(folder.path).procedures

    assert "chia thửa" in birth.also
    assert split.also[0] == "chia thửa"
    assert "cắt đất" in split.also, "the shared list"
    assert "cắt đất" not in birth.also


def test_only_whole_words_mean_something(folder) -> None:
    folder.write("synonyms.toml", '[[synonym]]\nsaid = ["tà"]\nmeans = ["ách", "thử"]\n')

    assert all("tà" not in procedure.also for procedure in load_centre(folder.path).procedures)


@pytest.mark.parametrize(
    ("text", "row", "expected"),
    [
        ('[[synonym]]\nsaid = ["a"]\n', "synonym 1", "neither means nor procedures is given"),
        ('[[synonym]]\nsaid = []\nmeans = ["a"]\n', "synonym 1", "said: must have at least 1 entry"),
        ('[[synonym]]\nsaid = ["a"]\nprocedures = ["HT-9"]\n', "synonym 1", 'procedures: there is no procedure "HT-9"'),
        ('[[synonym]]\nsaid = ["a"]\nmean = ["b"]\n', "synonym 1", "mean: unknown key"),
        ("[[synonym\n", 1, "not valid TOML"),
    ],
)
def test_a_mistake_in_the_synonyms(folder, text: str, row: str | int, expected: str) -> None:
    folder.write("synonyms.toml", text)

    problem = folder.problems()[0]

    assert (problem.file, problem.row) == ("synonyms.toml", row)
    assert problem.message.startswith(expected)


@pytest.mark.parametrize(
    ("text", "row", "expected"),
    [
        (SPLIT.format('"photo"'), "checklist 2", 'papers: there is no paper "photo"'),
        (SPLIT.format('"form"').replace("DD-1", "DD-7"), "checklist 2", 'procedures: there is no procedure "DD-7"'),
        (SPLIT.format('"form"').replace("DD-1", "HT-1"), "checklist 2", 'procedures: "HT-1" has a list already'),
        (SPLIT.format(""), "checklist 2", "papers: must have at least 1 entry"),
        ('[paper.photo]\nvi = "Ảnh"\n', "paper.photo", "is on no list"),
        ('[paper.photo]\nen = "Photograph"\n', "photo", "the Vietnamese is missing"),
        ("[other]\n", "other", "unknown key"),
    ],
)
def test_a_mistake_in_the_papers(folder, text: str, row: str, expected: str) -> None:
    folder.append("papers.toml", text)

    problem = folder.problems()[0]

    assert (problem.file, problem.row) == ("papers.toml", row)
    assert problem.message.startswith(expected)


def test_both_lists_may_be_missing(folder) -> None:
    (folder.path / "papers.toml").unlink()

    assert [procedure.papers for procedure in load_centre(folder.path).procedures] == [[], []]
