import Table from 'cli-table3';
import type { MatrixSpec } from './matrix.ts';
import type { CaseResult } from './run-case.ts';

/** Cases of one episode. */
export interface EpisodeResults {
  readonly spec: MatrixSpec;
  readonly results: readonly CaseResult[];
}

/** The suite at a glance: a row for every family of episodes, over all frame rates. */
export function resultTable(all: readonly EpisodeResults[]): string {
  const table = new Table({
    head: ['episodes', 'clips', 'faulty', 'segments', 'copied', 'smart', 'reencoded'],
    style: { head: [], border: [] },
  });
  const familyOf = ({ spec }: EpisodeResults) =>
    `${spec.container} ${spec.gop} ${spec.bframes > 0 ? 'B' : 'no B'}`;
  for (const family of new Set(all.map(familyOf))) {
    table.push([family, ...figures(all.filter((each) => familyOf(each) === family))]);
  }
  table.push(['all', ...figures(all)]);
  return table.toString();
}

function figures(episodes: readonly EpisodeResults[]): (string | number)[] {
  const results = episodes.flatMap((episode) => episode.results);
  const methods = results.flatMap(({ cuts }) => cuts.map(({ pictures }) => pictures?.method));
  const share = (method: string) => {
    const of = methods.filter((each) => each === method).length;
    return `${Math.round((100 * of) / Math.max(1, methods.length))} %`;
  };
  return [
    results.length,
    results.filter(({ faults }) => faults.length > 0).length,
    methods.length,
    ...['copied', 'smart', 'reencoded'].map(share),
  ];
}
