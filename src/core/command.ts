/**
 * Puts the values of variables into words as Kubernetes does with a container's command: `$(NAME)`
 * becomes the variable's value, `$$` becomes `$` (so that `$$(NAME)` stays as the text `$(NAME)`), and
 * a reference to an unknown variable stays as it is. Values are not looked into again.
 *
 * @param environment the variables that the job was given, by its spec and by Franca; not those that it
 *   would find anyway, such as PATH, which in a container come from the image.
 */
export function expandReferences(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): readonly string[] {
  return words.map((word) => {
    // Behind the last `)` there is no reference: a search there would run to the end from every `$(`.
    const end = word.lastIndexOf(')') + 1;
    return expand(word.slice(0, end), environment) + word.slice(end).replaceAll('$$', () => '$');
  });
}

function expand(text: string, environment: Readonly<Record<string, string>>): string {
  return text.replace(/\$(?:\$|\(([^)]*)\))/g, (reference, name: string | undefined) => {
    if (name === undefined) return '$';
    return Object.hasOwn(environment, name) ? (environment[name] ?? reference) : reference;
  });
}
