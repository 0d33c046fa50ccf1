/** A doc comment, and the name of the field or constant that stands behind it. */
const DOCUMENTED = /\/\*\*((?:[^*]|\*(?!\/))*)\*\/\s*(?:export )?(?:const )?(\w+)\s*[:=]/g;

/** A field whose shape is a schema with a name of its own, such as `startTime: timeSchema`. */
const FIELD_OF_SCHEMA = /\b(\w+): (\w+Schema)\b/g;

/**
 * What the doc comments of schemas say about fields, by the field's name. They are read from the source,
 * because descriptions inside the schemas would travel in every bundle.
 * @param sources TypeScript; of two comments on one name, that of the earlier source counts
 */
export function readDocComments(sources: readonly string[]): ReadonlyMap<string, string> {
  const comments = new Map<string, string>();
  const keep = (name: string, text: string | undefined) => {
    if (text !== undefined && !comments.has(name)) comments.set(name, text);
  };
  for (const source of sources) {
    for (const [, comment, name] of source.matchAll(DOCUMENTED)) keep(name!, oneLine(comment!));
  }
  for (const source of sources) {
    for (const [, field, schema] of source.matchAll(FIELD_OF_SCHEMA)) {
      keep(field!, comments.get(schema!));
    }
  }
  return comments;
}

function oneLine(comment: string): string {
  return comment
    .replaceAll(/^\s*\*/gm, '')
    .replaceAll(/\{@link (\w+)\}/g, '`$1`')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
