import { expect, it } from 'vitest';
import { cpuMsBetween, memoryOf, type ProcessFigures, parseCpuTimes } from './process-tree.ts';

const node: ProcessFigures = {
  ...{ pid: 1, isMediaTool: false, ownCpuMs: 100, reapedCpuMs: 40, peakBytes: 60 },
};
const ffmpeg: ProcessFigures = {
  ...{ pid: 2, isMediaTool: true, ownCpuMs: 500, reapedCpuMs: 0, peakBytes: 30 },
};

it('reads CPU times behind a name with spaces and brackets', () => {
  const stat = `12 (a) b (c) S 1 12 12 0 -1 4194304 1 2 3 4 ${'11 22 33 44'} 20 0 1 0`;
  expect(parseCpuTimes(stat)).toEqual({ ownCpuMs: 330, reapedCpuMs: 770 });
});

it('counts a child once, while it lives and when its parent has waited for it', () => {
  const later = { ...node, ownCpuMs: 150, reapedCpuMs: 40 + 700 };
  expect(cpuMsBetween([node], [node, ffmpeg])).toBe(500);
  expect(cpuMsBetween([node], [later])).toBe(50 + 700);
});

it('leaves a launcher out, but not what it has started', () => {
  const later = { ...node, ownCpuMs: 150, reapedCpuMs: 40 + 700 };
  expect(cpuMsBetween([node], [later], node.pid)).toBe(700);
  expect(memoryOf([node, ffmpeg], node.pid)).toEqual({ nodeBytes: 0, allBytes: 30 });
});

it('tells the memory of Node.js from that of all', () => {
  expect(memoryOf([node, ffmpeg])).toEqual({ nodeBytes: 60, allBytes: 90 });
});
