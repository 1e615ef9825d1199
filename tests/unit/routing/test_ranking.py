from __future__ import annotations

from modmirror.routing.breaker import Breaker
from modmirror.routing.member import Member
from modmirror.routing.plan import Question
from modmirror.routing.ranking import Ranking
from tests.fakes.chance import Fixed

POOL = ("one", "two", "three")


def ranking(chance: float = 0.5, **scores: float) -> Ranking:
    made = Ranking({name: Member(Breaker(Fixed()), 5.0) for name in POOL}, Fixed(chance))
    for name, score in scores.items():
        for _ in range(3):
            made.members[name].tracks["meta"].answered(score, 0.0)
    made.look(question(), 0.0)
    return made


def question(module: str = "example.com/m", *, measured: bool = True) -> Question:
    return Question(POOL, "meta", module, measured)


def order(made: Ranking, asked: Question | None = None, *, now: float = 0.0) -> list[str]:
    return [each.upstream for each in made.order(asked or question(), now, slow_start=True)]


def test_without_scores_the_order_is_as_declared() -> None:
    assert order(ranking()) == ["one", "two", "three"]


def test_the_chosen_one_comes_first_then_the_others_by_score() -> None:
    assert order(ranking(one=0.3, two=0.2, three=0.1)) == ["three", "two", "one"]


def test_who_has_sent_no_zip_yet_is_judged_by_its_answers_and_the_usual_rate() -> None:
    made = ranking(one=0.1, two=0.2, three=0.25)
    for name, first_byte in {"one": 0.1, "three": 0.25}.items():
        made.members[name].tracks["zip-small"].answered(first_byte, 0.0)
        made.members[name].tracks["zip-small"].received(10_000_000, 0.1)
    zips = Question(POOL, "zip-small", "example.com/m")
    made.look(zips, 0.0)
    made.members["one"].breaker.open("down", 0.0)
    made.look(zips, 0.0)
    assert order(made, zips) == ["two", "three", "one"]


def test_a_little_better_is_not_better() -> None:
    made = ranking(one=0.1)
    made.members["two"].tracks["meta"].answered(0.09, 0.0)
    for _ in range(5):
        assert made.look(question(), 0.0) is None
    assert order(made)[0] == "one"


def test_an_unmeasured_pool_stays_in_declared_order_whatever_happens() -> None:
    made = ranking(one=0.3, two=0.2, three=0.1)
    made.members["one"].breaker.open("down", 0.0)
    candidates = made.order(question(measured=False), 0.0, slow_start=True)
    assert [each.upstream for each in candidates] == ["one", "two", "three"]
    assert [each.why for each in candidates] == ["open: down", "as declared", "as declared"]


def test_who_lacks_the_module_comes_after_who_may_have_it_but_before_the_broken() -> None:
    made = ranking(one=0.1, two=0.2, three=0.3)
    made.coverage.missed("one", "example.com/m", 0.0)
    made.members["two"].breaker.open("down", 0.0)
    assert order(made) == ["three", "one", "two"]
    assert order(made, question("example.com/other")) == ["one", "three", "two"]


def test_one_that_came_back_gives_way_as_often_as_its_share_says() -> None:
    made = ranking(chance=0.5, one=0.1, two=0.2)
    made.members["one"].breaker.since = 100.0
    assert order(made, now=104.0)[0] == "two"
    assert order(made, now=106.0)[0] == "one"


def test_explaining_draws_no_lots() -> None:
    made = ranking(chance=0.5, one=0.1, two=0.2)
    made.members["one"].breaker.since = 100.0
    assert made.order(question(), 104.0, slow_start=False)[0].upstream == "one"


def test_each_candidate_says_why_it_stands_where_it_stands() -> None:
    made = ranking(one=0.1, two=0.2)
    made.coverage.missed("two", "example.com/m", 0.0)
    made.members["three"].breaker.open("connection refused", 0.0)
    candidates = made.order(question(), 0.0, slow_start=False)
    assert [(each.upstream, each.state, each.why) for each in candidates] == [
        ("one", "closed", "score 100 ms; chosen: the best score known: 100 ms"),
        ("two", "closed", "was found to lack such modules a short while ago"),
        ("three", "open", "open: connection refused"),
    ]
