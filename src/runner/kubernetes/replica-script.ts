/**
 * Texts that may differ between the replicas of one Job. Its pods are made from one template, so what differs is
 * chosen inside the pod, by a script for `/bin/sh` that knows which replica it is.
 */

/** A text of each replica, in the order of their indexes. */
export type PerReplica = readonly string[];

/** A script that gives each replica its own variables and words, and what goes before them. */
export interface ReplicaScript {
  readonly variables: Readonly<Record<string, PerReplica>>;
  /** Words of the command. */
  readonly words: readonly PerReplica[];
  /** Done before the command, by a shell of its own that ends at the first failure; null for nothing. */
  readonly setup: string | null;
  /** The file that is made when the setup is done. */
  readonly builtFile: string;
}

/** The last words of a container whose setup failed. */
export const setupMark = 'franca-setup';

/** The text as one word of a shell script. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** True if all replicas have the same text. */
export function isCommon(texts: PerReplica): boolean {
  return texts.every((text) => text === texts[0]);
}

/**
 * The script. What the texts of all replicas begin and end with is written once: an address list of hundreds of
 * replicas differs in the index behind it alone, and the cluster takes no object beyond 1.5 MB.
 */
export function replicaScript({ variables, words, setup, builtFile }: ReplicaScript): string {
  const choices: PerReplica[] = [];
  const expression = (texts: PerReplica) => {
    const { prefix, middles, suffix } = split(texts);
    if (isCommon(middles)) return quoted(prefix);
    const known = choices.findIndex((choice) => choice.every((text, index) => text === middles[index]));
    const number = known === -1 ? choices.push(middles) - 1 : known;
    return `${quoted(prefix)}"$franca_${number}"${quoted(suffix)}`;
  };
  const exports = Object.entries(variables).map(([name, texts]) => `export ${name}=${expression(texts)}`);
  const command = `exec ${words.map(expression).join(' ')}`;
  return [
    ...choose(choices),
    ...exports,
    ...(setup === null
      ? []
      : [
          `/bin/sh -e -c ${quoted(setup)} || {`,
          'franca_code=$?',
          // Where the cluster has the last words of a container from.
          `echo ${setupMark} 2>/dev/null >/dev/termination-log`,
          'exit $franca_code',
          '}',
          `: > ${quoted(builtFile)}`,
        ]),
    command,
  ].join('\n');
}

function choose(choices: readonly PerReplica[]): string[] {
  const [first] = choices;
  if (first === undefined) return [];
  const cases = first.map((_, replica) => {
    const sets = choices.map((texts, number) => `franca_${number}=${quoted(texts[replica] ?? '')}`);
    return `${replica}) ${sets.join(' ')} ;;`;
  });
  return ['case "$JOB_COMPLETION_INDEX" in', ...cases, 'esac'];
}

/** What all texts begin with, what they end with, and what is between. */
function split(texts: PerReplica): { prefix: string; middles: PerReplica; suffix: string } {
  const [first = ''] = texts;
  if (isCommon(texts)) return { prefix: first, middles: texts.map(() => ''), suffix: '' };
  let begin = Math.min(...texts.map((text) => text.length));
  let end = begin;
  for (const text of texts) {
    let same = 0;
    while (same < begin && text[same] === first[same]) same += 1;
    begin = same;
  }
  end -= begin;
  for (const text of texts) {
    let same = 0;
    while (same < end && text[text.length - 1 - same] === first[first.length - 1 - same]) same += 1;
    end = same;
  }
  // Half a character is no text.
  if (/[\ud800-\udbff]/.test(first.charAt(begin - 1))) begin -= 1;
  if (/[\udc00-\udfff]/.test(first.charAt(first.length - end))) end -= 1;
  return {
    prefix: first.slice(0, begin),
    middles: texts.map((text) => text.slice(begin, text.length - end)),
    suffix: first.slice(first.length - end),
  };
}
