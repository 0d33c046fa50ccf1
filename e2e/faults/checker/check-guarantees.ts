import { checkAssemblies } from './assemblies.ts';
import { checkDerived } from './derived.ts';
import { checkExecutions } from './executions.ts';
import { checkFiles } from './files.ts';
import type { FinalState } from './final-state.ts';
import { checkIsolation } from './isolation.ts';
import { checkRecords } from './records.ts';
import type { Violation } from './violation.ts';

/**
 * Compares what is left once everything is at rest with what docs/guarantees.md promises.
 * @returns every guarantee that is broken; nothing when all hold
 */
export function checkGuarantees(state: FinalState): Violation[] {
  const checks = [
    checkRecords,
    checkAssemblies,
    checkFiles,
    checkDerived,
    checkExecutions,
    checkIsolation,
  ];
  return checks.flatMap((check) => check(state));
}
