"""The command line: which nouns there are, and which module answers each. Nothing is loaded that is not called."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path

import click

from console import __version__
from console.output import narrate
from console.session import Session
from data.model import FilterError, LastcallError

COMMANDS: dict[str, tuple[str, str]] = {
    # name: (module:object, one line of help)
    "init": ("workspace:init", "Make a workspace."),
    "demo": ("demo:demo", "Open a sample campaign on sandbox warehouses."),
    "import": ("imports:import_files", "Bring in a platform's files."),
    "orders": ("orders:orders", "List orders."),
    "order": ("orders:order", "Show, hold, release, cancel orders."),
    "addresses": ("addresses:addresses", "List address changes and addresses with findings."),
    "address": ("addresses:address", "Accept, reject, edit, lock addresses; compare and check files."),
    "batches": ("batches:batches", "List batches."),
    "batch": ("batches:batch", "Create, check, send, retry batches."),
    "issues": ("issues:issues", "List issues."),
    "issue": ("issues:issue", "Raise, assign, snooze, resolve issues."),
    "freight": ("freight:freight", "Announce inbound shipments to warehouses."),
    "products": ("products:products", "List products."),
    "product": ("products:product", "Add, change, import products; map platform names to SKUs."),
    "stock": ("stock:stock", "List stock; receive, count, correct, transfer it."),
    "warehouses": ("warehouses:warehouses", "List warehouses."),
    "layouts": ("layouts:layouts", "List layouts of order lists."),
    "layout": ("layouts:layout", "Show a layout with an example order."),
    "warehouse": ("warehouses:warehouse", "Add, test, stop warehouses; plan and keep agreements."),
    "campaigns": ("campaigns:campaigns", "List campaigns."),
    "campaign": ("campaigns:campaign", "Add and change campaigns."),
    "views": ("orders:views", "List saved views."),
    "allocate": ("allocate:allocate", "Give orders to warehouses."),
    "sync": ("sync:sync", "Ask the warehouses what happened."),
    "worker": ("worker:worker", "Work one warehouse's commands."),
    "sandbox": ("sandbox:sandbox", "Run a sandbox warehouse, or print its ledger."),
    "export": ("export:export", "Write orders to a file."),
    "overview": ("overview:overview", "Show what needs doing."),
    "person": ("person:person", "Show, export, forget a person."),
    "verify": ("verify:verify", "Check every promise that the data can show."),
    "doctor": ("doctor:doctor", "Say what is wrong with this set-up, and how to mend it."),
    "log": ("history:log", "List what was done."),
    "undo": ("history:undo", "Take back an act."),
    "backup": ("workspace:backup", "Copy the database while others work."),
    "restore": ("workspace:restore", "Put a backup back."),
    "reconcile": ("worker:reconcile", "Ask the warehouses what they hold after a restore."),
    "upgrade": ("workspace:upgrade", "Bring the database to this program's schema."),
}


HELP_NAMES = ["-h", "--help"]


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Name every command in the order a campaign uses them."""
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Import the module that answers `name`."""
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name][0].partition(":")
        found = getattr(importlib.import_module(f"console.commands.{module}"), attribute)
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing one."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])


@click.group(cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": HELP_NAMES})
@click.option("--workspace", type=click.Path(path_type=Path, file_okay=False), help="The workspace's folder.")
@click.option("--as", "claimed", default="", help="The person, when several share one account (a forced SSH command).")
@click.option("--no-mouse", is_flag=True, help="Leave the mouse to the terminal.")
@click.version_option(__version__, prog_name="lastcall")
@click.pass_context
def cli(context: click.Context, workspace: Path | None, claimed: str, no_mouse: bool) -> None:
    """Crowdfunding fulfilment from the backer export to the last delivered parcel.

    Without a command it opens the console.
    """
    context.obj = Session(folder=workspace, claimed=claimed)
    if context.invoked_subcommand is None:
        from console.start import open_console

        raise SystemExit(open_console(context.obj, mouse=not no_mouse))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; errors a person can mend are one line on stderr."""
    try:
        answer = cli.main(args=list(arguments), prog_name="lastcall", standalone_mode=False)
    except click.exceptions.Abort:
        narrate("stopped")
        return 1
    except click.ClickException as error:
        error.show()
        return 2
    except FilterError as error:
        narrate(f"filter, column {error.column + 1}: {error}")
        return 2
    except LastcallError as error:
        narrate(str(error))
        return 2
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else 2
    return answer if isinstance(answer, int) else 0
