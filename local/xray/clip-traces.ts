import { type Trace, type TraceNode, walk } from './trace.ts';

/** The annotation that every service puts on its work for a clip. */
const CLIP_ANNOTATION = 'clipId';

/**
 * The traces that hold work for a clip, each cut down to it. The trace of an execution holds the
 * work for all its clips: what is annotated for others is left out, what is annotated for none (the
 * trigger) stays.
 */
export function tracesOfClip(traces: readonly Trace[], clipId: string): Trace[] {
  return traces
    .filter((trace) => clipIdsOf(trace.roots).has(clipId))
    .map((trace) => ({ ...trace, roots: keepClip(trace.roots, clipId, undefined) }));
}

/** @param inherited the clip that the nearest annotated node above works for */
function keepClip(
  nodes: readonly TraceNode[],
  clipId: string,
  inherited: string | undefined,
): TraceNode[] {
  return nodes.flatMap((node) => {
    const worksFor = clipIdOf(node) ?? inherited;
    const clipsBelow = clipIdsOf([node]);
    const keep =
      clipsBelow.has(clipId) ||
      (clipsBelow.size === 0
        ? worksFor === undefined || worksFor === clipId
        : // This clip's own call that set off another's work, but not that work.
          worksFor === clipId && isSubsegment(node));
    return keep ? [{ ...node, children: keepClip(node.children, clipId, worksFor) }] : [];
  });
}

/** Whether a node is part of its caller's work, not work of another function that it set off. */
function isSubsegment({ document }: TraceNode): boolean {
  return document.type === 'subsegment' || document.trace_id === undefined;
}

function clipIdsOf(nodes: readonly TraceNode[]): Set<string> {
  const ids = new Set<string>();
  for (const node of walk(nodes)) {
    const id = clipIdOf(node);
    if (id !== undefined) ids.add(id);
  }
  return ids;
}

function clipIdOf(node: TraceNode): string | undefined {
  const value = node.document.annotations?.[CLIP_ANNOTATION];
  return value === undefined ? undefined : String(value);
}
