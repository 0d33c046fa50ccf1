import type { LeafTest } from './operators.ts';
import { PatternError } from './pattern-error.ts';

/**
 * `*` stands for any run of characters, `\*` for an asterisk, `\\` for a backslash.
 * Matching looks for the literal pieces in order, so it is linear: a regular expression with as many
 * wildcards could be made to backtrack for minutes.
 */
export function wildcardTest(pattern: string): LeafTest {
  const [first = '', ...rest] = literalPieces(pattern);
  const last = rest.pop();
  if (last === undefined) return (value) => value === first;

  return (value) => {
    if (typeof value !== 'string' || value.length < first.length + last.length) return false;
    if (!value.startsWith(first) || !value.endsWith(last)) return false;
    let from = first.length;
    for (const piece of rest) {
      const at = value.indexOf(piece, from);
      if (at < 0) return false;
      from = at + piece.length;
    }
    return from <= value.length - last.length;
  };
}

function literalPieces(pattern: string): string[] {
  const pieces = [''];
  const append = (text: string) => pieces.push(`${pieces.pop()}${text}`);

  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (character === '*') {
      if (pattern.charAt(at + 1) === '*') {
        throw new PatternError(`Consecutive wildcard characters at pos ${at} of "${pattern}"`);
      }
      pieces.push('');
    } else if (character === '\\') {
      const escaped = pattern.charAt(++at);
      if (escaped !== '*' && escaped !== '\\') {
        throw new PatternError(
          `Invalid escape character at pos ${at - 1} of "${pattern}": only \\* and \\\\ are allowed`,
        );
      }
      append(escaped);
    } else {
      append(character);
    }
  }
  return pieces;
}
