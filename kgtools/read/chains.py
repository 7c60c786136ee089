"""Chains: checked incidents and codings go in, joined by `follows` and by links, without what leads nowhere.

A circle of incidents is dropped whole; a link is dropped by itself. Links against the order, and circles of links,
depend on the coders that one asks for, so they are the view's (`kgtools.view`).
"""

from __future__ import annotations

from collections.abc import Mapping

from kgtools.model import Finding
from kgtools.read.bundle import Bundle
from kgtools.read.tables import findings_of, small_table
from kgtools.vocabulary import EVCO


def join_chains(bundle: Bundle) -> None:
    """Join the tables `incident` and `coding` of a bundle; what is dropped is added to its findings."""
    _told_by(bundle)
    _lines(bundle)
    _links(bundle)


def _told_by(bundle: Bundle) -> None:
    """A teller who is no customer says nothing."""
    nobody = f"IS NOT NULL AND told_by NOT IN (SELECT actor FROM actor WHERE list_contains(roles, '{EVCO}Customer'))"
    bundle.findings += findings_of(
        bundle.database,
        f"""SELECT 'violation', 'incident:told-by',
                   format('told_by `{{}}` is no actor with the role customer in the table `actors`, so the cell counts '
                          || 'for nothing; give the actor that role there, or leave the cell empty', said(told_by)),
                   'told_by', told_by, file, lineno, incident FROM incident WHERE told_by {nobody}""",
    )
    bundle.database.execute(f"UPDATE incident SET told_by = NULL WHERE told_by {nobody}")


def _lines(bundle: Bundle) -> None:
    """Drop each `follows` that leads nowhere or in a circle, and name each chain by its first incident."""
    run = bundle.database
    bundle.findings += findings_of(
        run,
        """SELECT 'violation', 'incident:follows',
                  format('follows `{}`, which is no incident of this bundle, so it follows none; write the id of one, '
                         || 'or leave the cell empty', said(follows)), 'follows', follows,
                  file, lineno, incident FROM incident WHERE follows NOT IN (SELECT incident FROM incident)""",
    )
    run.execute("UPDATE incident SET follows = NULL WHERE follows NOT IN (SELECT incident FROM incident)")
    follows: dict[str, str] = dict(
        run.execute("SELECT incident, follows FROM incident WHERE follows IS NOT NULL").fetchall()
    )
    circling, told = _circling(follows), set[str]()
    places = {
        incident: (file, at)
        for incident, file, at in run.execute(
            "SELECT incident, file, lineno FROM incident WHERE follows IS NOT NULL ORDER BY place"
        ).fetchall()
        if incident in circling
    }
    for incident, (file, at) in places.items():
        if incident in told:
            continue
        circle = [incident]
        while follows[circle[-1]] != incident:
            circle.append(follows[circle[-1]])
        told.update(circle)
        bundle.findings.append(
            Finding(
                "violation",
                "incident:follows",
                _circle_in_words([(one, places[one][1]) for one in (*circle[1:], incident)]),
                path="follows",
                value=follows[incident],
                file=file,
                row=at,
                incident=incident,
            )
        )
    line = {incident: before for incident, before in follows.items() if incident not in circling}
    first: dict[str, str] = {}
    for incident in line:
        walked = []
        while incident in line and incident not in first:
            walked.append(incident)
            incident = line[incident]
        root = first.get(incident, incident)
        first.update(dict.fromkeys(walked, root))
    small_table(run, "line", "incident VARCHAR, chain VARCHAR", first.items())
    small_table(run, "circling", "incident VARCHAR", ((incident,) for incident in sorted(circling)))
    run.execute("UPDATE incident SET follows = NULL WHERE incident IN (SELECT incident FROM circling)")
    run.execute("UPDATE incident SET chain = line.chain FROM line WHERE line.incident = incident.incident")


def _circle_in_words(circle: list[tuple[str, int | None]]) -> str:
    """What is wrong where an incident follows others, with their rows, and in the end itself."""
    if len(circle) == 1:
        return "follows itself, so it follows none; write the incident just before it, or leave the cell empty"
    named = [
        f"`{' '.join(one.split())[:60]}`" + (f" (row {at})" if at is not None and one != circle[-1][0] else "")
        for one, at in circle
    ]
    if len(named) > _NAMED:
        named = [*named[: _NAMED - 1], "others", named[-1]]
    return (
        f"follows {', which follows '.join(named)}: a circle, so that none of them follows any; "
        "say which came first, and leave its cell empty"
    )


_NAMED = 5
"""Incidents of a circle that are named."""


def _circling(follows: Mapping[str, str]) -> set[str]:
    """The incidents that are reached from themselves, where each follows at most one."""
    done: set[str] = set()
    circling: set[str] = set()
    for start in follows:
        walked: dict[str, None] = {}
        incident = start
        while incident in follows and incident not in done and incident not in walked:
            walked[incident] = None
            incident = follows[incident]
        if incident in walked:
            names = list(walked)
            circling.update(names[names.index(incident) :])
        done.update(walked)
    return circling


def _links(bundle: Bundle) -> None:
    """Links that lead nowhere, out of the chain, or to or from what is no element are dropped, one by one."""
    run = bundle.database
    run.execute(
        """CREATE TABLE link AS
           WITH drawn AS (SELECT DISTINCT "row", file, lineno, incident, id, absent, term, unnest(leads_to) AS target
                          FROM coding WHERE len(leads_to) > 0),
                target AS (SELECT id AS target, any_value(i.chain) AS chain, bool_or(absent) AS absent,
                                  bool_or(term IS NULL) AS plain
                           FROM coding JOIN incident i USING (incident) WHERE named GROUP BY id)
           SELECT d.*, CASE WHEN t.target IS NULL THEN 'which is the id of no row that was taken in'
                            WHEN d.absent THEN 'but what is absent leads to nothing'
                            WHEN t.absent THEN 'which records an absence'
                            WHEN d.term IS NULL OR t.plain THEN 'but a code that is no term has no part in links'
                            WHEN t.chain <> i.chain
                            THEN 'which is in another chain of incidents'
                       END AS why
           FROM drawn d JOIN incident i USING (incident) LEFT JOIN target t USING (target)"""
    )
    bundle.findings += findings_of(
        run,
        """SELECT 'violation', 'coding:leads-to', format('leads to `{}`, {}, so the link is dropped; '
                            || 'write ids of rows that code something present in the same chain', said(target), why),
                  'leads_to', target, file, lineno, incident
           FROM link WHERE why IS NOT NULL AND target NOT IN
             (SELECT id FROM staged_coding JOIN fault USING ("row")  -- a row that was left out says so itself
              WHERE id IS NOT NULL AND kind = 'coding' AND shape <> 'coding:id') GROUP BY ALL""",
    )
    run.execute(
        """UPDATE coding SET leads_to = list_filter(leads_to, lambda one: NOT list_contains(bad, one))
           FROM (SELECT "row", list(target) AS bad FROM link WHERE why IS NOT NULL GROUP BY "row") AS wrong
           WHERE wrong."row" = coding."row\""""
    )
