/**
 * What has been seen so far: the objects as the API server stored them, its log of requests, what Slack
 * showed, and what happened to the machines. Nothing here knows how Tugboot does what it promises.
 */
import { at, type Json, list, type Obj, obj, text } from './json.ts';

export interface Write {
  readonly at: number;
  /** Whose request caused it. */
  readonly actor: string;
  /** As in `nodes` and `reboots.tugboot.dev`. */
  readonly resource: string;
  readonly key: string;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: Obj;
  readonly previous?: Obj | undefined;
}

export interface Request {
  readonly at: number;
  readonly actor: string;
  readonly method: string;
  readonly path: string;
  readonly body: string | null;
}

export interface Message {
  readonly ts: string;
  readonly text: string;
  readonly blocks?: readonly Json[];
  readonly threadTs?: string;
  readonly tombstone: boolean;
}

export interface PoolRules {
  readonly name: string;
  readonly concurrency: number;
  readonly maxUnavailable: number;
  readonly settleTime: string;
  readonly [setting: string]: Json;
}

export interface Rules {
  readonly concurrency?: Json;
  readonly approvers?: Json;
  readonly pools: readonly PoolRules[];
  readonly [setting: string]: Json;
}

export interface Turn {
  readonly reboot: string;
  readonly node: string;
  readonly pool: string;
}

export const mark = 'tugboot.dev/cordoned-by';
export const isBot = (actor: string): boolean => actor.startsWith('bot ');

export class Seen {
  readonly rules: Rules;
  readonly nodes = new Map<string, Obj>();
  readonly agents = new Map<string, Obj>();
  readonly reboots = new Map<string, Obj>();
  readonly pods = new Map<string, Obj>();
  readonly messages = new Map<string, Message>();
  /** Since when a node has been out of service, for whatever reason. */
  readonly outSince = new Map<string, number>();
  /** Since when a node has been Ready. */
  readonly readySince = new Map<string, number>();
  readonly agentSince = new Map<string, number>();
  /** Users of whom Slack has delivered something. */
  readonly acted = new Set<string>();
  readonly signals = new Map<string, number>();
  turns: readonly Turn[] = [];
  turnsBefore: readonly Turn[] = [];
  /** The last two reads of each bot, by what it read. */
  readonly #reads = new Map<string, readonly number[]>();

  constructor(rules: Rules) {
    this.rules = rules;
  }

  write({ at: now, resource, key, type, object }: Write): void {
    const kept = this.#tableOf(resource);
    if (kept !== undefined) {
      if (type === 'DELETED') kept.delete(key);
      else kept.set(key, object);
    }
    if (resource === 'nodes') this.#node(key, type === 'DELETED' ? undefined : object, now);
    if (resource === 'nodeagents.tugboot.dev') this.agentSince.set(key, now);
    if (resource === 'configmaps' && key.endsWith('/tugboot-turns'))
      this.#ledger(type === 'DELETED' ? {} : object);
  }

  request({ at: now, actor, method, path }: Request): void {
    if (method !== 'GET' || /[?&]watch=/.test(path)) return;
    const key = `${actor} ${path.replace(/\?.*/, '')}`;
    this.#reads.set(key, [now, ...(this.#reads.get(key) ?? [])].slice(0, 2));
  }

  /** When a bot has read this last, or before that: a job may rest on either. */
  readAt(actor: string, path: string): number {
    return this.#reads.get(`${actor} ${path}`)?.at(-1) ?? Number.POSITIVE_INFINITY;
  }

  lastReadAt(actor: string, path: string): number {
    return this.#reads.get(`${actor} ${path}`)?.[0] ?? Number.POSITIVE_INFINITY;
  }

  poolOf(node: string): PoolRules | undefined {
    const name = text(this.nodes.get(node), 'metadata', 'labels', 'pool');
    return this.rules.pools.find((pool) => pool.name === name);
  }

  #tableOf(resource: string): Map<string, Obj> | undefined {
    if (resource === 'nodes') return this.nodes;
    if (resource === 'pods') return this.pods;
    if (resource === 'nodeagents.tugboot.dev') return this.agents;
    return resource === 'reboots.tugboot.dev' ? this.reboots : undefined;
  }

  #node(name: string, node: Obj | undefined, now: number): void {
    const ready = node !== undefined && isReady(node);
    if (!ready) this.readySince.delete(name);
    else if (!this.readySince.has(name)) this.readySince.set(name, now);
    if (node === undefined || (ready && !isCordoned(node))) this.outSince.delete(name);
    else if (!this.outSince.has(name)) this.outSince.set(name, now);
  }

  #ledger(object: Obj): void {
    this.turnsBefore = this.turns;
    try {
      const stored = JSON.parse(text(object, 'data', 'turns.json') || '{"turns":[]}') as Json;
      this.turns = list(stored, 'turns').map((turn) => ({
        reboot: text(turn, 'reboot'),
        node: text(turn, 'node'),
        pool: text(turn, 'pool'),
      }));
    } catch {
      this.turns = [];
    }
  }
}

export const isReady = (node: Obj): boolean =>
  list(node, 'status', 'conditions').some(
    (one) => text(one, 'type') === 'Ready' && text(one, 'status') === 'True',
  );
export const isCordoned = (node: Obj | undefined): boolean => at(node, 'spec', 'unschedulable') === true;
export const markOf = (node: Obj | undefined): string => text(obj(node, 'metadata', 'annotations'), mark);
export const bootOf = (node: Obj | undefined): string => text(node, 'status', 'nodeInfo', 'bootID');
export const phaseOf = (reboot: Obj | undefined): string => text(reboot, 'status', 'phase');
export const isControlPlane = (node: Obj | undefined): boolean =>
  'node-role.kubernetes.io/control-plane' in obj(node, 'metadata', 'labels');
