/** Variables that every template has without defining them. */
export const PREDEFINED_VARIABLES: ReadonlySet<string> = new Set([
  'aws.events.rule-arn',
  'aws.events.rule-name',
  'aws.events.event.ingestion-time',
  'aws.events.event',
  'aws.events.event.json',
]);

/** An escape within a string, a quote that begins or ends one, or a variable. */
const TOKEN = /\\.|"|<([\w.-]+)>/g;

/** The variables a template names. */
export function variablesOf(template: string): string[] {
  return [...template.matchAll(TOKEN)].flatMap(([, name]) => name ?? []);
}

/**
 * Fills in a template. Outside of quotes a value is inserted as JSON, inside them as text with what JSON
 * needs escaped, so a template that is JSON stays JSON whatever the event holds. A variable
 * whose path is not in the event is an empty string.
 */
export function render(template: string, lookUp: (name: string) => unknown): string {
  let quoted = false;
  return template.replaceAll(TOKEN, (token, name: string | undefined) => {
    if (token === '"') quoted = !quoted;
    if (name === undefined) return token;
    const value = lookUp(name) ?? '';
    if (!quoted) return JSON.stringify(value);
    return JSON.stringify(typeof value === 'string' ? value : JSON.stringify(value)).slice(1, -1);
  });
}
