"""`images delete`, `restore`, `tag`, `favourite`, `note`, `project`, `purge`: by ids, or by a filter.

What a filter means is counted first, and the change is made only while the number is still right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import wraps
from typing import TYPE_CHECKING, Any

import click
from flask.cli import with_appcontext

from app.cli.confirm import confirm, yes_option
from app.cli.output import Output, output_options
from app.cli.selection import TEXT, Selection, selection_options
from app.cli.times import Time, moment
from app.errors import Conflict, OtherNumber

if TYPE_CHECKING:
    from app.services.marks import Change, Changed
    from app.services.purge import Purged

IDS = click.argument("ids", type=int, nargs=-1, metavar="[ID]...")
WHICH = "Give ids, or say which: --tag, --since, -q and so on."


def chosen_images(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ids or a filter, `--yes` and the forms of output."""

    @wraps(command)
    def run(*, ids: tuple[int, ...], selection: Selection, **options: Any) -> Any:
        if bool(ids) == bool(selection):
            raise click.UsageError(WHICH)
        return command(ids=ids, selection=selection, **options)

    return IDS(selection_options(yes_option(output_options(run))))


@click.command("delete")
@chosen_images
@with_appcontext
def delete(**chosen: Any) -> None:
    """Delete pictures softly: lists leave them out, and `images restore` brings them back.

    Example: python manage.py images delete --tag draft --until 30d --yes
    """
    # These load the database, which --help does without.
    from app.services import marks

    _change(marks.delete(), "deleted", asks=True, **chosen)


@click.command("restore")
@chosen_images
@with_appcontext
def restore(*, selection: Selection, **chosen: Any) -> None:
    """Undo soft deletes.

    Example: python manage.py images restore 17 18
    """
    # As above.
    from app.services import marks

    _change(marks.restore(), "restored", selection=selection.having(deleted="only"), **chosen)


@click.command("tag")
@click.option("--add", "added", multiple=True, help="A tag that they get. Repeatable.")
@click.option("--remove", "removed", multiple=True, help="A tag that they lose. Repeatable.")
@chosen_images
@with_appcontext
def tag(added: tuple[str, ...], removed: tuple[str, ...], **chosen: Any) -> None:
    """Put tags on pictures, and take tags off.

    Example: python manage.py images tag 17 18 --add sea --add dusk
    """
    # As above.
    from app.services import marks

    if not added and not removed:
        raise click.UsageError("Say which tags: --add sea, --remove draft.")
    _change(marks.change_tags(added, removed), "changed", **chosen)


@click.command("favourite")
@click.option("--off", is_flag=True, help="Take the star off.")
@chosen_images
@with_appcontext
def favourite(off: bool, **chosen: Any) -> None:
    """Put a star on pictures.

    Example: python manage.py images favourite 17 18
    """
    # As above.
    from app.services import marks

    change = marks.put(marks.Marks(favourite=not off))
    _change(change, "changed", **chosen)


@click.command("project")
@click.option("--name", type=TEXT, help="Whom they are for; without it, nobody.")
@chosen_images
@with_appcontext
def project(name: str | None, **chosen: Any) -> None:
    """Say whom pictures are for.

    Example: python manage.py images project 17 18 --name acme
    """
    # As above.
    from app.services import marks

    _change(marks.put(marks.Marks(project=name)), "changed", **chosen)


@click.command("note")
@click.argument("image_id", metavar="ID", type=int)
@click.argument("text", type=TEXT)
@with_appcontext
def note(image_id: int, text: str) -> None:
    """Write TEXT about a picture, in place of what was there; an empty one takes it away.

    Example: python manage.py images note 17 "for the cover"
    """
    # As above.
    from app.services import marks
    from app.services.schema import require_current

    require_current()
    marks.change_image(image_id, marks.put(marks.Marks(note=text)))
    click.echo(f"The note of image {image_id} is {'kept' if text else 'gone'}.")


@click.command("purge")
@IDS
@click.option("--all", "everything", is_flag=True, help="All that are deleted.")
@click.option("--older-than", "age", type=Time(), help="All that were deleted before then: 30d.")
@selection_options
@click.option(
    "--forget",
    is_flag=True,
    help="Erase their words too, unless a picture that stays was made with them.",
)
@yes_option
@output_options
@with_appcontext
def purge(
    *,
    ids: tuple[int, ...],
    everything: bool,
    age: str | None,
    selection: Selection,
    forget: bool,
    yes: bool,
    output: Output,
) -> None:
    """Remove deleted pictures for good, and give their room back to the disk.

    Example: python manage.py images purge --older-than 30d --yes
    """
    # As above.
    from app.services import purge as purging
    from app.services.schema import require_current

    if (bool(ids), everything, age is not None, bool(selection)).count(True) != 1:
        raise click.UsageError(
            "Give ids, or --all, or --older-than, or say which: --tag and so on."
        )
    require_current()
    if selection:
        wanted = selection.filter(deleted="only")
        matched = purging.preview(wanted)
        if not (matched or yes):
            _nothing_to_purge(output)
            return
        confirm(f"{matched:,} would be removed for good.", yes=yes)
        with _still_as_many():
            _tell_purged(purging.purge_matching(wanted, matched, forget=forget), output)
        return
    chosen = sorted(set(ids)) or purging.trash(moment(age) if age else None)
    if not (chosen or yes):
        _nothing_to_purge(output)
        return
    purging.require_purgeable(chosen)
    confirm(f"{len(chosen):,} would be removed for good.", yes=yes)
    _tell_purged(purging.purge_images(chosen, forget=forget), output)


def _change(
    change: Change,
    done: str,
    *,
    ids: tuple[int, ...],
    selection: Selection,
    yes: bool,
    output: Output,
    asks: bool = False,
) -> None:
    """Make a change and tell how many it met; `asks` says that also those named are asked about."""
    from app.services import marks
    from app.services.schema import require_current

    require_current()
    if ids:
        if asks:
            confirm(f"{len(set(ids)):,} would be {done}.", yes=yes)
        _tell(marks.change_images(ids, change), done, output)
        return
    wanted = selection.filter()
    seen = marks.preview(wanted, change)
    confirm(f"Of {seen.matched:,} that this means, {seen.changed:,} would be {done}.", yes=yes)
    with _still_as_many():
        _tell(marks.change_matching(wanted, change, seen.matched), done, output)


@contextmanager
def _still_as_many() -> Iterator[None]:
    """Say what to do where others were quicker than the answer."""
    try:
        yield
    except OtherNumber as error:
        raise Conflict(
            f"There are {error.matched:,} by now, so nothing was changed. Do it again."
        ) from error


def _tell(changed: Changed, done: str, output: Output) -> None:
    others = changed.matched - changed.changed
    rest = f", {others:,} were so already" if others else ""
    output.done(f"{changed.changed:,} {done}{rest}.", asdict(changed))


def _nothing_to_purge(output: Output) -> None:
    from app.services.purge import Purged  # as above

    nothing = Purged(0, 0, complete=True)
    output.done("No such image is deleted: there is nothing to remove.", asdict(nothing))


def _tell_purged(done: Purged, output: Output) -> None:
    output.done(
        f"{done.purged:,} removed for good, {done.bytes_freed:,} bytes freed.", asdict(done)
    )
    if done.forgotten and done.forgotten.kept_for_count:
        ids_kept = ", ".join(map(str, done.forgotten.kept_for))
        output.note(f"Their words were kept for {done.forgotten.kept_for_count}: {ids_kept}.")
    if not done.complete:
        click.echo("Somebody reads: traces stay in SQLite's log. Do it again later.", err=True)
