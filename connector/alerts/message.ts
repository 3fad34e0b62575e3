import type { AlertCondition } from "../config/alert-channels.ts";
import type { DueMessage } from "../database/alerts/messages.ts";
import type { JsonObject } from "../mapping/value.ts";
import { describeBegin, describeEnd } from "./describe-alert.ts";

/** A message to a channel, whatever form it is sent in. */
export interface AlertMessage {
  /** Stays as it is however often the message is sent. */
  id: string;
  /** The id of the message that this one ends; undefined where it ends none that was sent. */
  answers?: string;
  event: "begin" | "end" | "test";
  condition: AlertCondition | null;
  /** The account: the host of its address. */
  account: string;
  title: string;
  text: string;
  /** Instants as `…Z`. */
  began_at: string | null;
  ended_at: string | null;
  /** Numbers, ids of runs and words of ours. */
  details: JsonObject;
}

/** Makes the message of what a channel is to be told. */
export function messageOf(due: DueMessage, account: string): AlertMessage {
  const { episode, tells, beganAt, endedAt, beganWith, endedWith } = due;
  const condition = due.condition as AlertCondition;
  const began = describeBegin(condition, beganWith);
  const common = { condition, account, began_at: beganAt, ended_at: endedAt };
  if (tells === "begin") return { id: `${episode}.begin`, event: "begin", ...common, ...began, details: beganWith };
  const ended = describeEnd(condition, endedWith ?? {});
  const details = endedWith ?? {};
  if (tells === "end")
    return { id: `${episode}.end`, answers: `${episode}.begin`, event: "end", ...common, ...ended, details };
  // It was over before it could be told.
  const text = `It was so from ${beganAt} to ${endedAt}: ${began.title}. ${began.text} ${ended.text}`;
  return { id: `${episode}.end`, event: "end", ...common, title: ended.title, text, details };
}

/** Makes the message that `alerts test` sends. */
export function testMessage(account: string, id: string): AlertMessage {
  return {
    id: `${id}.test`,
    event: "test",
    condition: null,
    account,
    title: "This is a test",
    text: "`pipedrive-planhat alerts test` sent it: messages of this connector arrive here.",
    began_at: null,
    ended_at: null,
    details: {},
  };
}
