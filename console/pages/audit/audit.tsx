import { Page } from "../../parts/page.tsx";
import { Empty } from "../../parts/quiet.tsx";

/** The page Audit. */
export function Audit(_: { parts: string[] }) {
  return (
    <Page title="Audit" sentence="This page comes next." command="audit">
      <Empty title="Not here yet" icon="clock" />
    </Page>
  );
}
