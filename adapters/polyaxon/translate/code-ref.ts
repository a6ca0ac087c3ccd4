import type { CodeRef } from '../../../src/core/model.js';
import type { RunView } from '../../../src/services/runs/view.js';
import type { CodeRefInput, CodeRefWire } from '../wire/code-ref.js';

/** What a client says of its code; null when it says nothing. */
export function toCodeRef(input: CodeRefInput): CodeRef | null {
  const { commit, head, branch, git_url, is_dirty, git_diff } = input;
  const known = {
    commit: commit ?? null,
    head: head ?? null,
    branch: branch ?? null,
    url: git_url ?? null,
    isDirty: is_dirty ?? null,
    diff: git_diff ?? null,
  };
  return Object.values(known).every((value) => value === null) ? null : known;
}

/** The state of a run's code, or else where its spec says that it comes from; nulls where nothing is known. */
export function fromCodeRef({ run, spec }: Pick<RunView, 'run' | 'spec'>): CodeRefWire {
  const code = run.codeRef;
  const known = code ?? spec?.code;
  return {
    commit: code?.commit ?? null,
    head: code?.head ?? null,
    branch: known?.branch ?? null,
    git_url: known?.url ?? null,
    is_dirty: code?.isDirty ?? null,
    git_diff: code?.diff ?? null,
  };
}
