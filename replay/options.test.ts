import { describe, expect, it } from 'vitest';
import { parseReplayOptions } from './options.ts';

const NOW = Date.parse('2026-03-01T12:00:00.700Z');
const parse = (...args: string[]) => parseReplayOptions(args, NOW);

describe('parseReplayOptions', () => {
  it('replays everything until now', () => {
    expect(parse('--from', '2h')).toEqual({
      fromMs: Date.parse('2026-03-01T10:00:00Z'),
      toMs: NOW,
      only: [],
      except: [],
      dryRun: false,
      name: 'replay-2026-03-01T12-00-00.700Z',
      stage: 'dev',
      aws: false,
    });
  });

  it('reads everything else', () => {
    const options = parse(
      ...['--from', '2026-02-28', '--to', '2026-03-01T12:00+01:00'],
      ...['--event', 'SegmentRequested', '--event', 'StitchRequested', '--dry-run'],
      ...['--name', 'again', '--stage', 'prod', '--region', 'eu-west-1', '--aws'],
    );
    expect(options).toEqual({
      fromMs: Date.parse('2026-02-28T00:00:00Z'),
      toMs: Date.parse('2026-03-01T11:00:00Z'),
      only: ['SegmentRequested', 'StitchRequested'],
      except: [],
      dryRun: true,
      name: 'again',
      stage: 'prod',
      region: 'eu-west-1',
      aws: true,
    });
  });

  it.each([
    ['30m', '2026-03-01T11:30:00Z'],
    ['3d', '2026-02-26T12:00:00Z'],
    // Events have no finer time than seconds: the second in which the window begins belongs to it.
    ['2026-03-01T11:59:59.999Z', '2026-03-01T11:59:59Z'],
  ])('takes --from %s', (from, time) => {
    expect(parse('--from', from)).toMatchObject({ fromMs: Date.parse(time) });
  });

  it.each([
    [[], /Say since when/],
    [['--from', 'yesterday'], /--from takes 30m/],
    [['--from', '2026-13-01'], /--from takes 30m/],
    // Noon where?
    [['--from', '2026-03-01T12:00:00'], /--from takes 30m/],
    [['--from', '1h', '--to', '2h'], /earlier than --to/],
    [['--from', '1h', '--event', 'SegmentRequest'], /no event "SegmentRequest".*SegmentRequested/],
    [['--from', '1h', '--event', 'ClipStitched', '--except', 'StitchFailed'], /not both/],
    [['--from', '1h', '--name', 'again!'], /--name takes/],
    [['--from', '1h', '--endpoint-url', 'localhost:4580'], /--endpoint-url takes/],
    [['--from', '1h', '--endpoint-url', 'http://127.0.0.1:1', '--aws'], /not both/],
    [['--form', '1h'], /--form/],
    [['1h'], /1h/],
  ])('refuses %j', (args, problem) => {
    expect(parse(...args)).toEqual({ problem: expect.stringMatching(problem) });
  });

  it('gives help where it is asked for', () => {
    expect(parse('--help')).toEqual({ help: true });
  });
});
