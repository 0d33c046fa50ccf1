import { BootError } from '../stack/boot-error.ts';
import { loadStack, type StackSource } from './load-stack.ts';
import type { LoadedStack, StackEnvironment } from './template.ts';

/**
 * Evaluates templates that import from each other, each behind those it imports from. Evaluation
 * has no effects, so a stack that misses an import is simply tried again when others are known.
 * @throws BootError `UnresolvedReference` when an import stays unknown, or two exports collide
 */
export function loadStacks(
  sources: readonly StackSource[],
  environment: StackEnvironment,
): LoadedStack[] {
  const exports = new Map<string, string>();
  const loaded: LoadedStack[] = [];
  let waiting = [...sources];
  while (waiting.length > 0) {
    const missing: MissingExport[] = [];
    const next: StackSource[] = [];
    for (const source of waiting) {
      try {
        const stack = loadStack(source, environment, (name, where) => {
          const value = exports.get(name);
          if (value === undefined) throw new MissingExport(name, where);
          return value;
        });
        addExports(exports, stack);
        loaded.push(stack);
      } catch (error) {
        if (!(error instanceof MissingExport)) throw error;
        missing.push(error);
        next.push(source);
      }
    }
    if (next.length === waiting.length) {
      throw new BootError(
        'UnresolvedReference',
        missing
          .map(({ where, exportName }) => `${where}: no other stack exports ${exportName}.`)
          .join('\n'),
      );
    }
    waiting = next;
  }
  return loaded;
}

class MissingExport extends Error {
  constructor(
    readonly exportName: string,
    readonly where: string,
  ) {
    super(exportName);
  }
}

function addExports(exports: Map<string, string>, stack: LoadedStack): void {
  for (const [name, value] of stack.exports) {
    if (exports.has(name)) {
      throw new BootError(
        'UnresolvedReference',
        `${stack.name}: another stack already exports ${name}.`,
      );
    }
    exports.set(name, value);
  }
}
