import { Page } from "../../parts/page.tsx";
import { Empty } from "../../parts/quiet.tsx";

/** The page Mapping. */
export function Mapping(_: { parts: string[] }) {
  return (
    <Page title="Mapping" sentence="This page comes next." command="mapping">
      <Empty title="Not here yet" icon="clock" />
    </Page>
  );
}
