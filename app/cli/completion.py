"""`completion`: what makes a shell complete commands and options on Tab.

`python manage.py` is no command of its own, so the scripts complete for `python`, and only where the
first word after it is this very file: the manage.py of another project is never run by a Tab.
"""

from __future__ import annotations

import shlex

import click

from config import ROOT

BASH = """\
_proofsheet_complete() {
    local kind value
    COMPREPLY=()
    [[ $COMP_CWORD -gt 1 && ${COMP_WORDS[1]} -ef @MANAGE@ ]] || return
    while IFS=, read -r kind value; do
        case $kind in
            plain) COMPREPLY+=("$value") ;;
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
        esac
    done < <(env COMP_WORDS="manage.py ${COMP_WORDS[*]:2}" COMP_CWORD=$((COMP_CWORD - 1)) \\
        _MANAGE_PY_COMPLETE=bash_complete "${COMP_WORDS[0]}" "${COMP_WORDS[1]}" 2>/dev/null)
}
complete -o bashdefault -o default -F _proofsheet_complete python python3
"""
ZSH = """\
_proofsheet_complete() {
    if [[ $CURRENT -lt 3 || ! ${words[2]} -ef @MANAGE@ ]]; then
        (( $+functions[_python] )) || autoload -Uz _python
        _python "$@"
        return
    fi
    local kind value help
    local -a described plain
    while IFS= read -r kind && IFS= read -r value && IFS= read -r help; do
        case $kind in
            plain) if [[ $help == _ ]]; then plain+=("$value"); else described+=("$value:$help"); fi ;;
            dir) _path_files -/ ;;
            file) _path_files -f ;;
        esac
    done < <(env COMP_WORDS="manage.py ${words[3,-1]}" COMP_CWORD=$((CURRENT - 2)) \\
        _MANAGE_PY_COMPLETE=zsh_complete ${words[1]} ${words[2]} 2>/dev/null)
    [[ -n $described ]] && _describe -V unsorted described
    [[ -n $plain ]] && compadd -V unsorted -a plain
}
compdef _proofsheet_complete python python3
"""
FISH = """\
function __proofsheet_is_meant
    set -l words (commandline -opc)
    test (count $words) -ge 2; and test (realpath -- $words[2] 2>/dev/null) = @MANAGE@
end
function __proofsheet_complete
    set -l words (commandline -opc)
    for line in (env COMP_WORDS="manage.py $words[3..]" COMP_CWORD=(commandline -t) \\
            _MANAGE_PY_COMPLETE=fish_complete $words[1] $words[2] 2>/dev/null)
        set -l parts (string split -m 1 , -- $line)
        switch $parts[1]
            case plain
                echo $parts[2]
            case dir
                __fish_complete_directories $parts[2]
            case file
                __fish_complete_path $parts[2]
        end
    end
end
complete --no-files --command python --command python3 \\
    --condition __proofsheet_is_meant --arguments '(__proofsheet_complete)'
"""
SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


@click.command("completion")
@click.argument("shell", type=click.Choice([*SCRIPTS]))
def command(shell: str) -> None:
    """Print what makes a SHELL complete `python manage.py …` on Tab.

    For bash and zsh put this into ~/.bashrc or ~/.zshrc, with the folder of Proofsheet before
    manage.py: source <(python manage.py completion bash). For fish, write it to
    ~/.config/fish/completions/python.fish.

    Example: python manage.py completion bash
    """
    click.echo(SCRIPTS[shell].replace("@MANAGE@", shlex.quote(str(ROOT / "manage.py"))), nl=False)
