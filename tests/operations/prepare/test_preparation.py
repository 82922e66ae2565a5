"""Tables become the files that a model is trained on."""

import os
from pathlib import Path

import pytest

pytest.importorskip("duckdb")

from tests.operations.prepare.tables import HEADER, contents, prepared, refused, rows, table
from tests.silent import Silent
from xacct_ml.dataset.schema import Column, Schema, line
from xacct_ml.dataset.values import DECIMAL_COMMA, ISO
from xacct_ml.operations.prepare.preparation import prepare
from xacct_ml.operations.prepare.request import Request
from xacct_ml.operations.upload.data import check_files


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return table(tmp_path / "it's [a] table*.csv", rows())


def test_every_kind_of_column_and_the_classes(path: Path) -> None:
    made = prepared(path, slices=("colour",))
    schema = made.schema
    assert schema.label.categories == ("cat", "dog", "eel")
    assert [(column.name, column.kind, column.categories) for column in schema.features] == [
        ("weight", "number", ()),
        ("colour", "category", ("blue", "red")),
        ("paid", "boolean", ()),
        ("day", "time", ()),
    ]
    assert schema.hyperparameters == {"objective": "multi:softprob", "num_class": 3}
    assert schema.slices == ("colour",)
    assert sum(schema.rows.values()) == 60
    assert Schema.parse((path.parent / "out" / "schema.json").read_bytes()) == schema


def test_the_files_hold_what_the_schema_makes_of_the_rows(path: Path) -> None:
    """Each row once, label first; one is what ``predict`` would send."""
    made = prepared(path)
    names = HEADER.split(",")
    expected = []
    for row in rows():
        values = dict(zip(names, row.split(","), strict=True))
        code = made.schema.label.categories.index(values["y"])
        expected.append([float(code), *made.schema.row(values)])
    found = [[float(field) for field in row] for part in contents(made).values() for row in part]
    assert sorted(found) == sorted(expected)


def test_ranges_counts_and_gaps_are_of_the_training_rows(path: Path) -> None:
    made = prepared(table(path, [*rows(), "cat,,,,", "dog,NA,null,None,nan"]))
    train = contents(made)["train"]
    weight = made.schema.features[0]
    values = [float(row[1]) for row in train if row[1]]
    assert (weight.low, weight.high, weight.missing) == (min(values), max(values), len(train) - len(values))
    assert made.schema.counts == tuple(sum(row[0] == code for row in train) for code in "012")


def test_the_files_pass_the_check_of_upload_data(path: Path) -> None:
    made = prepared(path, split=0.6, holdout=0.0)
    files = check_files(made.files["train"], made.files["validation"], Silent(), made.schema.hyperparameters)
    assert files["train"].rows + files["validation"].rows == 60
    assert set(made.files) == {"train", "validation"}
    assert not (path.parent / "out" / "holdout.csv").exists()


@pytest.mark.long
def test_the_same_twice_is_the_same_and_another_seed_is_not(path: Path) -> None:
    """Byte for byte."""
    one, two, three = (
        prepared(path, out=path.parent / name, seed=seed) for name, seed in (("a", 0), ("b", 0), ("c", 1))
    )
    assert contents(one) == contents(two)
    assert contents(one) != contents(three)
    assert one.schema.to_json() == two.schema.to_json()


def test_classes_are_in_every_part_by_their_shares(path: Path) -> None:
    lines = [f"{'rare' if place < 10 else 'usual'},{place},red,yes,2024-01-01" for place in range(200)]
    made = prepared(table(path, lines))
    assert made.classes == {"train": (8, 152), "validation": (1, 19), "holdout": (1, 19)}


def test_equal_rows_are_on_one_side_where_few_are(path: Path) -> None:
    lines = [f"{place % 2},{place},red,yes,2024-01-01" for place in range(100)]
    made = prepared(table(path, [*lines, *lines[:5]]))
    sides = [{",".join(row) for row in part} for part in contents(made).values()]
    assert not sides[0] & sides[1] | sides[0] & sides[2] | sides[1] & sides[2]


def test_many_equal_rows_are_observations_of_their_own_with_a_word(path: Path) -> None:
    made = prepared(table(path, [f"{place % 2},1,red,yes,2024-01-01" for place in range(100)]))
    assert made.classes["train"] == (40, 40)
    assert any("rows are equal to others" in word for word in made.words)


def test_the_latest_rows_are_for_validation_and_holdout(path: Path) -> None:
    made = prepared(path, time="day")
    days = {part: [float(row[4]) for row in found] for part, found in contents(made).items()}
    assert max(days["train"]) < min(days["validation"])
    assert max(days["validation"]) < min(days["holdout"])
    assert {part: len(found) for part, found in days.items()} == {"train": 48, "validation": 6, "holdout": 6}


def test_a_column_may_order_the_rows_and_be_no_feature(path: Path) -> None:
    made = prepared(path, time="day", drop=("day",))
    assert "day" not in [column.name for column in made.schema.features]
    assert made.schema.dropped == ("day",)


@pytest.mark.long
def test_no_group_is_on_two_sides_and_it_is_no_feature(path: Path) -> None:
    lines = [f"{place % 2},{place},team{place % 17},yes,2024-01-01" for place in range(200)]
    made = prepared(table(path, lines), group="colour", categories=("weight",), drop=("weight",), slices=())
    assert made.left_out["colour"].startswith("--group")
    by_weight = prepared(table(path, lines), group="colour", out=path.parent / "b")
    teams = [{int(float(row[1])) % 17 for row in part} for part in contents(by_weight).values()]
    assert sum(map(len, teams)) == len(set().union(*teams)) == 17


def test_categories_are_those_of_training_rows_and_others_are_missing_with_a_word(path: Path) -> None:
    lines = [*rows(60)]
    lines[-1] = lines[-1].replace("red", "green").replace("blue", "green")
    made = prepared(table(path, lines), time="day")
    assert made.schema.features[1].categories == ("blue", "red")
    assert contents(made)["holdout"][-1][2] == ""
    assert "colour: 1 categories, as 'green', are in no training row: missing in 1 rows" in made.words


@pytest.mark.parametrize(
    ("labels", "options", "categories", "hyperparameters"),
    [
        (["1", "2", "3"], {}, ("1", "2", "3"), {"objective": "multi:softprob", "num_class": 3}),
        (["1", "2"], {}, ("1", "2"), {"objective": "binary:logistic"}),
        (["true", "False"], {}, ("false", "true"), {"objective": "binary:logistic"}),
        (["no", "YES"], {}, ("no", "yes"), {"objective": "binary:logistic"}),
        (["0", "1", "2", "10"], {"task": "numbers"}, (), {"objective": "reg:squarederror"}),
        ([f"{place / 7:.3f}" for place in range(60)], {}, (), {"objective": "reg:squarederror"}),
        ([str(place) for place in range(60)], {}, (), {"objective": "reg:squarederror"}),
    ],
)
def test_what_the_label_is(
    path: Path,
    labels: list[str],
    options: dict[str, str],
    categories: tuple[str, ...],
    hyperparameters: dict[str, object],
) -> None:
    lines = [f"{labels[place % len(labels)]},{row.split(',', 1)[1]}" for place, row in enumerate(rows())]
    made = prepared(table(path, lines), **options)
    assert made.schema.label.categories == categories
    assert made.schema.hyperparameters == hyperparameters
    codes = {row[0] for part in contents(made).values() for row in part}
    assert len(codes) == len(set(labels))
    assert not categories or codes == {str(code) for code in range(len(categories))}


@pytest.mark.parametrize(("shift", "may_count"), [(0, True), (0.5, False), (-50, False)])
def test_a_label_of_whole_numbers_may_count_something(path: Path, shift: float, may_count: bool) -> None:
    assert prepared(table(path, [f"{place + shift},{place % 7}" for place in range(60)], "y,x")).may_count is may_count


def test_blanks_around_values_are_none_of_them(path: Path) -> None:
    lines = [f"{place % 2}, {place} ,  red, NA , " for place in range(60)]
    made = prepared(table(path, lines))
    assert [(column.kind, column.missing > 0) for column in made.schema.features] == [
        ("number", False),
        ("category", False),
        ("number", True),
        ("number", True),
    ]
    assert made.schema.features[1].categories == ("red",)


def test_semicolons_decimal_commas_and_other_dates(path: Path) -> None:
    lines = [f"{place % 2};{place},5;{1 + place % 28}.1.2024" for place in range(40)]
    made = prepared(table(path, lines, "y;weight;day"))
    assert made.schema.features == (
        Column("weight", "number", (), DECIMAL_COMMA, made.schema.features[0].low, made.schema.features[0].high),
        Column("day", "time", (), "%d.%m.%Y", made.schema.features[1].low, made.schema.features[1].high),
    )
    assert line(made.schema.row({"weight": "3,5", "day": "4.1.2024"})) == "3.5,19726"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings(path: Path, encoding: str) -> None:
    lines = [f"{place % 2},{'größer' if place % 3 else 'kürzer'},{place}" for place in range(40)]
    path.write_bytes("\r\n".join(["y,wie,n", *lines, ""]).encode(encoding))
    made = prepared(path, **({"encoding": encoding} if encoding == "cp1252" else {}))
    assert made.schema.features[0].categories == ("größer", "kürzer")


def test_several_files_are_one_table_and_an_index_of_pandas_is_none(path: Path) -> None:
    halves = [
        table(path.with_name(f"{name}.csv"), [f"{place},{row}" for place, row in enumerate(part)], f",{HEADER}")
        for name, part in (("a", rows()[:30]), ("b", rows()[30:]))
    ]
    made = prepare(Request(tuple(halves), "y", path.parent / "out"), Silent())
    assert sum(made.schema.rows.values()) == 60
    assert made.left_out == {"": "an index, as pandas writes it"}
    assert [column.name for column in made.schema.features] == ["weight", "colour", "paid", "day"]


def test_parquet_with_types(path: Path) -> None:
    import duckdb

    source = path.with_name("table.parquet")
    duckdb.sql(
        "SELECT i % 2 = 0 AS y, i::DECIMAL(9, 2) AS weight, CASE WHEN i % 3 > 0 THEN 'red' ELSE 'blue' END AS colour, "
        "TIMESTAMPTZ '2024-01-01 00:00:00+00' + to_days(i::INT) AS day, "
        "CASE WHEN i % 5 > 0 THEN i / 7 END AS gap FROM range(60) AS numbers(i)"
    ).write_parquet(str(source))
    made = prepared(source)
    assert [(column.name, column.kind) for column in made.schema.features] == [
        ("weight", "number"),
        ("colour", "category"),
        ("day", "time"),
        ("gap", "number"),
    ]
    assert made.schema.features[2].format == ISO
    assert made.schema.label.categories == ("false", "true")
    assert made.schema.features[3].missing > 0


def test_one_row_that_cannot_be_split_and_one_value_of_another_kind_are_told_at_once(path: Path) -> None:
    lines = rows()
    lines[3] = "cat,heavy,red,yes,2024-01-04"
    lines[5] = "cat,1,red,yes,31.12.2024"
    lines[50] = "cat,1,red"
    lines[51] = ",1,red,yes,2024-01-01"
    error = refused(table(path, lines))
    said = "\n".join([error.message, *error.details])
    for words in (
        "row 52: has 3 columns, the header 5: 'cat,1,red'",
        "row 5, column 2: 'heavy' is no number that XGBoost can keep, as the other values of weight are: leave",
        "row 7, column 5: '31.12.2024' is no date, as the other values of day are",
        "row 53, column 1: the label y is missing: --skip-unlabelled leaves such rows out",
    ):
        assert words in said
    assert str(path) in error.message


def test_identifiers_are_refused_with_the_command_that_leaves_them_out(path: Path) -> None:
    lines = [f"{row},id-{place},no {place}!" for place, row in enumerate(rows())]
    error = refused(table(path, lines, f"{HEADER},id,a note"))
    assert "nearly every row has a text of its own in id, as 'id-0'" in error.message
    assert error.next_step == "the same command with --drop id --drop 'a note'"
    made = prepared(path, drop=("id", "a note"))
    assert made.schema.dropped == ("id", "a note")


def test_too_many_categories_are_refused(path: Path) -> None:
    lines = [f"{place % 2},{place},c{place % 1500}" for place in range(6000)]
    assert (
        "n has 1,500 different texts, as 'c0'; categories are up to 1,000: --drop n"
        in refused(table(path, lines, "y,x,n")).message
    )


def test_rows_without_a_label_are_left_out_where_it_is_said(path: Path) -> None:
    made = prepared(table(path, [*rows(), ",1,red,yes,2024-01-01"]), skip_unlabelled=True)
    assert sum(made.schema.rows.values()) == 60
    assert "1 rows have no label and are left out" in made.words


def test_ambiguous_dates_are_refused_until_it_is_said(path: Path) -> None:
    lines = [f"{place % 2},{place},{1 + place % 9:02}/02/2024" for place in range(40)]
    assert (
        "the dates of day could be %d/%m/%Y or %m/%d/%Y: give --day-first"
        in refused(table(path, lines, "y,x,day")).message
    )
    assert prepared(path, order="day").schema.features[1].format == "%d/%m/%Y"


def test_what_tells_the_label_by_itself_counts_the_rows_or_is_always_the_same_gets_a_word(path: Path) -> None:
    lines = [
        f"{place % 2},{place % 2 + place / 1000},{'odd' if place % 2 else 'even'},{place},5," for place in range(100)
    ]
    words = prepared(table(path, lines, "y,leak,name,n,five,empty")).words
    for expected in (
        "name tells y by itself (each of its values has one class only)",
        "leak tells y by itself (its ranges in the classes do not overlap)",
        "n counts the rows, as an index does: --drop n",
        "five is 5 in every training row: --drop five",
        "empty has no value in any training row: --drop empty",
    ):
        assert any(word.startswith(expected) for word in words), words


def test_a_number_that_is_the_label_gets_a_word(path: Path) -> None:
    words = prepared(table(path, [f"{place * 1.5},{place * 3},{place % 7}" for place in range(100)], "y,twice,x")).words
    assert any(word.startswith("twice tells y by itself (their correlation is 1.00000)") for word in words)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"label": "z"}, "--label z: there is no such column; there are y, weight, colour, paid, day"),
        ({"label": "Y"}, "--label Y: there is no such column; there is y"),
        ({"drop": ("z",)}, "--drop z: there is no such column"),
        ({"slices": ("day",)}, "--slice day is a time of many values"),
        ({"slices": ("colour",), "drop": ("colour",)}, "--slice colour is no feature"),
        ({"split": 0.9, "holdout": 0.1}, "leave some for validation"),
        ({"time": "day", "group": "colour"}, "give one of them"),
        ({"time": "colour"}, "--time colour is no column of dates or numbers"),
        ({"group": "paid"}, "--group paid has 2 different values: 3 parts cannot be made of them"),
        ({"drop": ("y",)}, "--drop y is the label"),
        ({"drop": ("weight", "colour", "paid", "day")}, "no column is left to learn from"),
        ({"label": "day"}, "the label day is a date"),
    ],
)
def test_what_cannot_be(path: Path, options: dict[str, object], message: str) -> None:
    assert message in refused(path, **options).message  # type: ignore[arg-type]


def test_a_part_of_one_class_alone_is_refused(path: Path) -> None:
    """As the check of upload-data would."""
    path.write_text("y,a,b\n" + "".join(f"{'rare' if row == 3 else 'usual'},{row},{row % 7}\n" for row in range(60)))
    told = "\n".join(refused(path).lines())
    assert "every row of validation has the label usual" in told
    assert "every row of holdout has the label usual" in told
    assert "--holdout 0 does without it" in told


def test_the_next_step_leaves_rows_without_a_label_out(path: Path) -> None:
    path.write_text("y,a,b\n" + "".join(f"{row % 2 if row else ''},key {row},{row % 7}\n" for row in range(60)))
    assert "the same command with --drop a --skip-unlabelled" in refused(path).lines()[-1]


def test_words_of_joined_letters_are_categories(path: Path) -> None:
    """As in Persian, and in some emoji."""
    words = ("\u0645\u06cc\u200c\u062e\u0648\u0631\u0645", "\U0001f469\u200d\U0001f52c")
    path.write_text("y,a,b\n" + "".join(f"{row // 3 % 2},{words[row % 2]},{row}\n" for row in range(60)), "utf-8")
    assert prepared(path).schema.features[0].categories == words


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    """And not waited for."""
    os.mkfifo(tmp_path / "pipe")
    assert "must be a regular file" in str(refused(tmp_path / "pipe"))


def test_a_label_that_is_always_the_same(path: Path) -> None:
    lines = [f"cat,{row.split(',', 1)[1]}" for row in rows()]
    assert "the label y is 'cat' in every row" in refused(table(path, lines)).message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("y,a\n", "there are no rows behind the header"),
        ("5,1\n6,2\n", "the first row is one of numbers"),
        ("y,a,a,\n1,2,3,4\n", "the name 'a' is that of column 2, too"),
        ("y\n1\n", "has one column"),
    ],
)
def test_what_is_no_table(path: Path, text: str, message: str) -> None:
    path.write_text(text)
    assert message in refused(path).message


def test_files_with_other_columns_are_refused(path: Path) -> None:
    other = table(path.with_name("other.csv"), ["1,2"], "y,length")
    with pytest.raises(Exception, match=r"lacks 'weight', 'colour', 'paid', 'day' and has 'length'"):
        prepare(Request((path, other), "y", path.parent / "out"), Silent())


def test_nothing_is_written_over_without_force(path: Path) -> None:
    first = contents(prepared(path))
    error = refused(path)
    assert "has train.csv, validation.csv, holdout.csv, schema.json already" in error.message
    assert "--force" in str(error.next_step)
    again = prepared(path, force=True, seed=1, holdout=0.0)
    assert contents(again)["train"] != first["train"]
    assert sorted(file.name for file in (path.parent / "out").iterdir()) == [
        "schema.json",
        "train.csv",
        "validation.csv",
    ]


@pytest.mark.long
def test_what_is_taken_for_something_else_has_a_word_until_it_is_meant(path: Path) -> None:
    """Postcodes as numbers, weights as categories."""
    lines = [f"{place // 3 % 2},0{place % 7 + 1000},{place % 5} kg,{place}" for place in range(60)]
    table(path, lines, "y,postcode,weight,x")
    assert [word for word in prepared(path).words if "--category" in word] == [
        "postcode has leading zeros, as '01000', which numbers lose; --category postcode keeps them",
        "weight looks like numbers with units, as '0 kg', and is taken for categories: write plain numbers; --category "
        "weight says that it is meant",
    ]
    meant = prepared(path, categories=("postcode", "weight"), force=True).words
    assert not any("--category" in word for word in meant)
