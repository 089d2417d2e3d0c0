from seedbed.check.results import Report
from seedbed.check.text import counts_table, report_table, summary
from tests.check.shop import checked, checked_blocks, shop_data, spoilt


def test_a_table_shows_each_result_and_the_rows_that_fail() -> None:
    report = checked(spoilt(shop_data(), "customer", "age", {1: 17}))
    lines = report_table(report).splitlines()
    assert lines[0].split() == ["check", "status", "failing", "rows", "observed", "expected"]
    (line,) = (number for number, line in enumerate(lines) if line.startswith("customer.age.range "))
    assert lines[line].split()[1:4] == ["FAILED", "1", "40"]
    assert lines[line + 1] == "    row 1: id=2, age=17"
    assert len({line.index("status") for line in lines[:1]} | {line.index("ok") for line in lines[1:4]}) == 1
    assert lines[-1] == f"{len(report.results) - 2} of {len(report.results)} checks passed, 2 failed"  # the list of ages fails too


def test_only_what_is_broken_can_be_shown() -> None:
    report = checked_blocks(spoilt(shop_data(), "order", "customer_id", {1: 77}))
    lines = report_table(report, only_broken=True).splitlines()
    assert [line.split()[0] for line in lines[:2]] == ["check", "order.fk_customer.integrity"]
    assert lines[2:4] == ["    the rows were not read again, so values are counted, not rows", "    customer_id=77"]


def test_errors_are_told_apart_from_failures() -> None:
    data = shop_data()
    data["product"] = data["product"].rename_columns(["nr"])
    report = checked(data)
    assert summary(report).endswith("1 failed, 3 could not be evaluated")
    assert "there is no column `id`" in report_table(report, only_broken=True)


def test_counts_come_by_kind() -> None:
    assert "primary_key       5 of 5" in counts_table(checked(shop_data())).splitlines()
    assert counts_table(Report(())) == ""


def test_long_values_are_cut() -> None:
    shown = report_table(checked(spoilt(shop_data(), "customer", "email", {1: "x" * 500})))
    assert "x" * 30 in shown
    assert "x" * 60 not in shown


def test_an_empty_report_is_its_summary() -> None:
    assert report_table(Report(())) == "0 of 0 checks passed"
