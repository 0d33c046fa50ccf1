import { describe, expect, it } from 'vitest';
import { brings, chooseRules, type ReplayRule } from './rules.ts';

const rule = (name: string, ...waitsFor: string[]): ReplayRule => ({
  name,
  arn: `arn:${name}`,
  isEnabled: true,
  waitsFor,
});
const begin = rule('begin', 'Begin Clip Generation');
const extract = rule('extract', 'SegmentRequested');
const ended = rule('ended', 'SegmentFailed', 'ClipGenerationFailed');
const project = rule('project');
const RULES = [begin, extract, ended, project];

const choose = (only: string[], except: string[] = []) => chooseRules(RULES, { only, except });

describe('chooseRules', () => {
  it('leaves a replay of everything to EventBridge', () => {
    expect(choose([])).toBeUndefined();
  });

  it('takes the rules that name an event, and not the one that takes all', () => {
    expect(choose(['SegmentRequested'])).toEqual([extract]);
    expect(choose(['SegmentRequested', 'SegmentFailed'])).toEqual([extract, ended]);
  });

  it('takes the rule that takes all for an event that no rule names', () => {
    expect(choose(['ClipStitched'])).toEqual([project]);
  });

  it('leaves out the rules that name an event', () => {
    expect(choose([], ['Begin Clip Generation'])).toEqual([extract, ended, project]);
  });
});

describe('brings', () => {
  it('says whether an event reaches who works on it', () => {
    expect(brings(RULES, RULES, 'SegmentRequested')).toBe(true);
    expect(brings(RULES, [project], 'SegmentRequested')).toBe(false);
    expect(brings(RULES, [project], 'ClipStitched')).toBe(true);
  });

  it('says that a rule which is disabled brings nothing', () => {
    const disabled = { ...extract, isEnabled: false };
    expect(brings([disabled, project], [disabled, project], 'SegmentRequested')).toBe(false);
  });
});
