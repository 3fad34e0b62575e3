import type { ComponentChildren } from "preact";
import type { ApiFailure } from "../failure.ts";
import type { Loaded } from "../load.ts";
import { Button } from "./button.tsx";
import { Icon, type IconName } from "./icon.tsx";

/** A page, or a part of one, that has nothing to show: why, and what to do. */
export function Empty({
  title,
  icon = "check",
  children,
  action,
}: {
  title: string;
  icon?: IconName;
  children?: ComponentChildren;
  action?: ComponentChildren;
}) {
  return (
    <div class="box void">
      <Icon name={icon} />
      <b>{title}</b>
      {children !== undefined && <p>{children}</p>}
      {action !== undefined && <div class="row">{action}</div>}
    </div>
  );
}

/** A failure: the program's own sentence and its remedy. */
export function Failed({ failure, again }: { failure: ApiFailure; again?: () => void }) {
  if (failure.status === 403)
    return (
      <div class="box void" role="alert">
        <Icon name="lock" />
        <b>This is not for your role</b>
        <p>{failure.message}</p>
      </div>
    );
  return (
    <div class="box void" role="alert">
      <Icon name="warning" class="bad" />
      <b>{failure.message}</b>
      {failure.hint !== undefined && <p>{failure.hint}</p>}
      {again !== undefined && (
        <div class="row">
          <Button onPress={again}>Try again</Button>
        </div>
      )}
    </div>
  );
}

/** Grey bars where a table will be. */
export function Loading({ rows = 6 }: { rows?: number }) {
  return (
    <div class="box pad stack gap" role="status">
      <span class="sr">Loading</span>
      {Array.from({ length: rows }, (_, index) => (
        <span class={`sk w${(index * 3) % 5}`} key={index} />
      ))}
    </div>
  );
}

/** Shows what was loaded, or that it is loading, or why it is not there. A failure of a later read stands above it. */
export function Show<Value>({
  loaded,
  children,
  rows,
}: {
  loaded: Loaded<Value>;
  children: (value: Value) => ComponentChildren;
  rows?: number;
}) {
  const { value, failure, again } = loaded;
  if (value === undefined) {
    if (failure !== undefined) return <Failed failure={failure} again={again} />;
    return <Loading {...(rows === undefined ? {} : { rows })} />;
  }
  return (
    <>
      {failure !== undefined && <Note kind="b">{failure.message} What you see may be old.</Note>}
      {children(value)}
    </>
  );
}

/** A remark above or beside what it is about. */
export function Note({
  kind = "",
  children,
  action,
}: {
  kind?: "" | "w" | "b";
  children: ComponentChildren;
  action?: ComponentChildren;
}) {
  const icon = kind === "" ? "info" : kind === "w" ? "pause" : "warning";
  return (
    <div class={`note ${kind}`} role={kind === "b" ? "alert" : undefined}>
      <Icon name={icon} />
      <div>{children}</div>
      {action}
    </div>
  );
}
