import type { Route } from './definition.ts';

/** A route that takes a request, with what stands where its path has variables. */
export interface RouteMatch {
  readonly route: Route;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** Finds the route of a request: `path` is decoded. */
export type RouteTable = (method: string, path: string) => RouteMatch | undefined;

interface Segment {
  readonly kind: 'literal' | 'variable' | 'greedy';
  /** What it says, or the variable's name. */
  readonly text: string;
}

interface CompiledRoute {
  readonly route: Route;
  readonly method: string;
  readonly segments: readonly Segment[];
}

const DEFAULT = '$default';
const ROUTE_KEY = /^(ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) \/(\S*)$/;
const SEGMENT = /^(?:\{([\w.-]+)(\+)?\}|([^{}]*))$/;
const KINDS = ['literal', 'variable', 'greedy'] as const;

/**
 * Compiles routes into what API Gateway does with them: a full match goes before one with a greedy
 * variable, and the more specific before the less; `$default` takes the rest
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html).
 * @throws Error when a route key is malformed, or there twice
 */
export function createRouteTable(routes: readonly Route[]): RouteTable {
  const keys = new Set<string>();
  for (const { routeKey } of routes) {
    if (keys.has(routeKey)) throw new Error(`There are two routes ${routeKey}.`);
    keys.add(routeKey);
  }
  const fallback = routes.find(({ routeKey }) => routeKey === DEFAULT);
  const compiled = routes
    .filter((route) => route !== fallback)
    .map(compile)
    .sort(bySpecificity);

  return (method, path) => {
    const segments = path.slice(1).split('/');
    for (const candidate of compiled) {
      if (candidate.method !== 'ANY' && candidate.method !== method) continue;
      const pathParameters = parametersOf(candidate.segments, segments);
      if (pathParameters) return { route: candidate.route, pathParameters };
    }
    return fallback && { route: fallback, pathParameters: {} };
  };
}

function compile(route: Route): CompiledRoute {
  const [, method, path] = ROUTE_KEY.exec(route.routeKey) ?? [];
  const segments = path?.split('/').map(segmentOf);
  const isGreedyInside = segments?.slice(0, -1).some((segment) => segment?.kind === 'greedy');
  if (!method || !segments?.every((segment) => segment !== undefined) || isGreedyInside) {
    throw new Error(
      `${route.routeKey} is no route key: it must be such as "GET /clips/{clipId}", with a greedy ` +
        'variable {name+} at most at its end.',
    );
  }
  return { route, method, segments };
}

function segmentOf(text: string): Segment | undefined {
  const [match, variable, plus] = SEGMENT.exec(text) ?? [];
  if (match === undefined) return undefined;
  if (!variable) return { kind: 'literal', text };
  return { kind: plus ? 'greedy' : 'variable', text: variable };
}

function bySpecificity(a: CompiledRoute, b: CompiledRoute): number {
  const [ranksOfA, ranksOfB] = [ranks(a), ranks(b)];
  const differing = ranksOfA.findIndex((rank, index) => rank !== ranksOfB[index]);
  return (ranksOfA[differing] ?? 0) - (ranksOfB[differing] ?? 0);
}

/** Compared from left to right, the lower first: greedy or not, each segment's kind, `ANY` or not. */
function ranks({ method, segments }: CompiledRoute): number[] {
  return [
    segments.at(-1)?.kind === 'greedy' ? 1 : 0,
    ...segments.map(({ kind }) => KINDS.indexOf(kind)),
    method === 'ANY' ? 1 : 0,
  ];
}

function parametersOf(
  pattern: readonly Segment[],
  segments: readonly string[],
): Record<string, string> | undefined {
  const isGreedy = pattern.at(-1)?.kind === 'greedy';
  if (isGreedy ? segments.length < pattern.length : segments.length !== pattern.length) {
    return undefined;
  }
  const parameters = new Map<string, string>();
  for (const [index, { kind, text }] of pattern.entries()) {
    const value = kind === 'greedy' ? segments.slice(index).join('/') : segments[index];
    if (kind === 'literal' ? value !== text : !value) return undefined;
    if (kind !== 'literal') parameters.set(text, value as string);
  }
  // Not by assignment: a variable may be called __proto__.
  return Object.fromEntries(parameters);
}
