export const SHELLS = ["bash", "zsh"] as const;
export type Shell = (typeof SHELLS)[number];

/** The script that a shell sources; all knowledge is in the hidden verb that it calls. */
export function completionScript(shell: Shell): string {
  return shell === "bash" ? BASH : ZSH;
}

// The command is the one on PATH, or the project's own where it is used as 'npx groundwork'.
const FIND = `_groundwork_words() {
  if command -v groundwork >/dev/null 2>&1 && [ -x "$(command -v groundwork)" ]; then
    command groundwork __complete -- "$@" 2>/dev/null
  elif [ -x node_modules/.bin/groundwork ]; then
    node_modules/.bin/groundwork __complete -- "$@" 2>/dev/null
  elif [ -x bin/groundwork.js ]; then
    bin/groundwork.js __complete -- "$@" 2>/dev/null
  fi
}`;

// bash cuts words at '=' and ':'; _groundwork puts '--stack=dev' together again and cuts its answer likewise.
const BASH = `# bash completion for groundwork; use: source <(groundwork completion bash)
${FIND}

_groundwork() {
  local line word prefix=''
  local -a words=()
  line=\${COMP_LINE:0:COMP_POINT}
  read -r -a words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  word=\${words[\${#words[@]}-1]}
  [[ $word == *=* ]] && prefix=\${word%%=*}=
  COMPREPLY=()
  while IFS=$'\\t' read -r word _; do
    COMPREPLY+=("\${word#"$prefix"}")
  done < <(_groundwork_words "\${words[@]:1}")
}

complete -F _groundwork groundwork
`;

const ZSH = `#compdef groundwork
# zsh completion for groundwork; use: source <(groundwork completion zsh), or put it as _groundwork into fpath
${FIND}

_groundwork() {
  local line description
  local -a found
  while IFS= read -r line; do
    description=\${line#*$'\\t'}
    found+=("\${\${line%%$'\\t'*}//:/\\\\:}\${description:+:$description}")
  done < <(_groundwork_words "\${(@)words[2,CURRENT]}")
  _describe groundwork found
}

if [ "$funcstack[1]" = _groundwork ]; then
  _groundwork "$@"
else
  compdef _groundwork groundwork
fi
`;
