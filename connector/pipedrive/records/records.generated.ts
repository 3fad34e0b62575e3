// Made by npm run types from schemas/deals.json, schemas/notes.json, schemas/organizations.json, schemas/persons.json, schemas/deal_products.json. Change those, not this.

/**
 * A deal of Pipedrive, archived or not (API v2, GET /api/v2/deals and /api/v2/deals/archived).
 */
export interface Deal {
  /**
   * The id of the deal.
   */
  id: number;
  /**
   * The title of the deal.
   */
  title?: null | string;
  /**
   * The user who created the deal, by id.
   */
  creator_user_id?: null | number;
  /**
   * The user who owns the deal, by id.
   */
  owner_id?: null | number;
  /**
   * The deal's person, by id.
   */
  person_id?: null | number;
  /**
   * The deal's organization, by id.
   */
  org_id?: null | number;
  /**
   * The pipeline of the deal, by id.
   */
  pipeline_id?: null | number;
  /**
   * The stage of the deal, by id.
   */
  stage_id?: null | number;
  /**
   * The value of the deal, in its currency.
   */
  value?: null | number;
  /**
   * ISO 4217 code of the currency.
   */
  currency?: null | string;
  /**
   * open, won, lost or deleted.
   */
  status?: null | string;
  /**
   * The probability of success in percent.
   */
  probability?: null | number;
  /**
   * Why the deal was lost.
   */
  lost_reason?: null | string;
  /**
   * Who may see the deal, as a visibility level.
   */
  visible_to?: null | number;
  /**
   * The labels of the deal, by option id.
   */
  label_ids?: null | number[];
  /**
   * When the deal was created.
   */
  add_time?: null | string;
  /**
   * When the deal was last changed.
   */
  update_time?: null | string;
  /**
   * When the deal last moved to another stage.
   */
  stage_change_time?: null | string;
  /**
   * When the deal was closed.
   */
  close_time?: null | string;
  /**
   * When the deal was won.
   */
  won_time?: null | string;
  /**
   * When the deal was lost.
   */
  lost_time?: null | string;
  /**
   * The day on which the deal was won, in the account's time zone.
   */
  local_won_date?: null | string;
  /**
   * The day on which the deal was lost, in the account's time zone.
   */
  local_lost_date?: null | string;
  /**
   * The day on which the deal was closed, in the account's time zone.
   */
  local_close_date?: null | string;
  /**
   * The day on which the deal is expected to close.
   */
  expected_close_date?: null | string;
  /**
   * Whether the deal is archived.
   */
  is_archived?: null | boolean;
  /**
   * When the deal was archived.
   */
  archive_time?: null | string;
  /**
   * Whether the deal is deleted.
   */
  is_deleted?: null | boolean;
  /**
   * How the deal was created.
   */
  origin?: null | string;
  /**
   * What created the deal, more closely.
   */
  origin_id?: null | string;
  /**
   * The marketing channel the deal came from, by option id.
   */
  channel?: null | number;
  /**
   * The marketing channel, more closely.
   */
  channel_id?: null | string;
  /**
   * Value of a year; only on some plans.
   */
  arr?: null | number;
  /**
   * Value of a month; only on some plans.
   */
  mrr?: null | number;
  /**
   * Contract value of a year; only on some plans.
   */
  acv?: null | number;
  /**
   * The lead the deal was made from, by id; only sent where it is asked for.
   */
  source_lead_id?: null | string;
  /**
   * Id of the next activity of the deal; only sent where it is asked for.
   */
  next_activity_id?: null | number;
  /**
   * Id of the last activity of the deal; only sent where it is asked for.
   */
  last_activity_id?: null | number;
  /**
   * Number of e-mail messages of the deal; only sent where it is asked for.
   */
  email_messages_count?: null | number;
  /**
   * Number of activities of the deal; only sent where it is asked for.
   */
  activities_count?: null | number;
  /**
   * Number of done activities of the deal; only sent where it is asked for.
   */
  done_activities_count?: null | number;
  /**
   * Number of open activities of the deal; only sent where it is asked for.
   */
  undone_activities_count?: null | number;
  /**
   * Number of files of the deal; only sent where it is asked for.
   */
  files_count?: null | number;
  /**
   * Number of notes of the deal; only sent where it is asked for.
   */
  notes_count?: null | number;
  /**
   * Number of followers of the deal; only sent where it is asked for.
   */
  followers_count?: null | number;
  /**
   * Number of products of the deal; only sent where it is asked for.
   */
  products_count?: null | number;
  /**
   * Number of participants of the deal; only sent where it is asked for.
   */
  participants_count?: null | number;
  /**
   * When the deal was first won; only sent where it is asked for.
   */
  first_won_time?: null | string;
  /**
   * When the last e-mail from the deal came; only sent where it is asked for.
   */
  last_incoming_mail_time?: null | string;
  /**
   * When the last e-mail to the deal went out; only sent where it is asked for.
   */
  last_outgoing_mail_time?: null | string;
  /**
   * The Bcc address that files e-mail with the deal; only sent where it is asked for.
   */
  smart_bcc_email?: null | string;
  /**
   * The deal's custom fields by their 40-character key; null where the account has none.
   */
  custom_fields?: null | {
    [k: string]: unknown;
  };
  [k: string]: unknown;
}

/**
 * A note of Pipedrive (API v1, GET /v1/notes), with its times in RFC 3339.
 */
export interface Note {
  /**
   * The id of the note.
   */
  id: number;
  /**
   * The user who wrote the note, by id.
   */
  user_id?: null | number;
  /**
   * The deal the note is on, by id.
   */
  deal_id?: null | number;
  /**
   * The person the note is on, by id.
   */
  person_id?: null | number;
  /**
   * The organization the note is on, by id.
   */
  org_id?: null | number;
  /**
   * The lead the note is on, by id.
   */
  lead_id?: null | string;
  /**
   * The project the note is on, by id.
   */
  project_id?: null | number;
  /**
   * The task the note is on, by id.
   */
  task_id?: null | number;
  /**
   * The note as HTML.
   */
  content?: null | string;
  /**
   * When the note was written.
   */
  add_time?: null | string;
  /**
   * When the content of the note was last changed.
   */
  update_time?: null | string;
  /**
   * False when the note is deleted.
   */
  active_flag?: null | boolean;
  /**
   * Whether the note is pinned to the lead.
   */
  pinned_to_lead_flag?: null | boolean;
  /**
   * Whether the note is pinned to the deal.
   */
  pinned_to_deal_flag?: null | boolean;
  /**
   * Whether the note is pinned to the organization.
   */
  pinned_to_organization_flag?: null | boolean;
  /**
   * Whether the note is pinned to the person.
   */
  pinned_to_person_flag?: null | boolean;
  /**
   * Whether the note is pinned to the project.
   */
  pinned_to_project_flag?: null | boolean;
  /**
   * Whether the note is pinned to the task.
   */
  pinned_to_task_flag?: null | boolean;
  /**
   * The user who last changed the note, by id.
   */
  last_update_user_id?: null | number;
  /**
   * The organization the note is on.
   */
  organization?: null | {
    /**
     * What it is called.
     */
    name?: null | string;
    [k: string]: unknown;
  };
  /**
   * The person the note is on.
   */
  person?: null | {
    /**
     * What it is called.
     */
    name?: null | string;
    [k: string]: unknown;
  };
  /**
   * The deal the note is on.
   */
  deal?: null | {
    /**
     * What it is called.
     */
    title?: null | string;
    [k: string]: unknown;
  };
  /**
   * The lead the note is on.
   */
  lead?: null | {
    /**
     * What it is called.
     */
    title?: null | string;
    [k: string]: unknown;
  };
  /**
   * The project the note is on.
   */
  project?: null | {
    /**
     * What it is called.
     */
    title?: null | string;
    [k: string]: unknown;
  };
  /**
   * The task the note is on.
   */
  task?: null | {
    /**
     * What it is called.
     */
    title?: null | string;
    [k: string]: unknown;
  };
  /**
   * The user who wrote the note.
   */
  user?: null | {
    /**
     * The user's name.
     */
    name?: null | string;
    /**
     * The user's e-mail address.
     */
    email?: null | string;
    /**
     * Address of the user's picture.
     */
    icon_url?: null | string;
    /**
     * Whether it is the token's user.
     */
    is_you?: null | boolean;
    [k: string]: unknown;
  };
  [k: string]: unknown;
}

/**
 * An organization of Pipedrive (API v2, GET /api/v2/organizations).
 */
export interface Organization {
  /**
   * The id of the organization.
   */
  id: number;
  /**
   * The name of the organization.
   */
  name?: null | string;
  /**
   * The user who owns the organization, by id.
   */
  owner_id?: null | number;
  /**
   * When the organization was created.
   */
  add_time?: null | string;
  /**
   * When the organization was last changed.
   */
  update_time?: null | string;
  /**
   * Whether the organization is deleted.
   */
  is_deleted?: null | boolean;
  /**
   * Who may see the organization, as a visibility level.
   */
  visible_to?: null | number;
  /**
   * The labels of the organization, by option id.
   */
  label_ids?: null | number[];
  /**
   * The organization's picture, by id.
   */
  picture_id?: null | number;
  /**
   * The address of the organization.
   */
  address?: null | {
    /**
     * The address as one line.
     */
    value?: null | string;
    /**
     * Apartment or suite number.
     */
    subpremise?: null | string;
    /**
     * House number.
     */
    street_number?: null | string;
    /**
     * Name of the street.
     */
    route?: null | string;
    /**
     * Part of the city.
     */
    sublocality?: null | string;
    /**
     * City or town.
     */
    locality?: null | string;
    /**
     * First administrative area, such as a state.
     */
    admin_area_level_1?: null | string;
    /**
     * Second administrative area, such as a county.
     */
    admin_area_level_2?: null | string;
    /**
     * Country.
     */
    country?: null | string;
    /**
     * Postal code.
     */
    postal_code?: null | string;
    /**
     * The address as the map service writes it.
     */
    formatted_address?: null | string;
    [k: string]: unknown;
  };
  /**
   * The web address of the organization.
   */
  website?: null | string;
  /**
   * The organization's LinkedIn page.
   */
  linkedin?: null | string;
  /**
   * The industry, by option id.
   */
  industry?: null | number;
  /**
   * The revenue of a year.
   */
  annual_revenue?: null | number;
  /**
   * How many people work there.
   */
  employee_count?: null | number;
  /**
   * Id of the next activity of the organization; only sent where it is asked for.
   */
  next_activity_id?: null | number;
  /**
   * Id of the last activity of the organization; only sent where it is asked for.
   */
  last_activity_id?: null | number;
  /**
   * Number of e-mail messages of the organization; only sent where it is asked for.
   */
  email_messages_count?: null | number;
  /**
   * Number of activities of the organization; only sent where it is asked for.
   */
  activities_count?: null | number;
  /**
   * Number of done activities of the organization; only sent where it is asked for.
   */
  done_activities_count?: null | number;
  /**
   * Number of open activities of the organization; only sent where it is asked for.
   */
  undone_activities_count?: null | number;
  /**
   * Number of files of the organization; only sent where it is asked for.
   */
  files_count?: null | number;
  /**
   * Number of notes of the organization; only sent where it is asked for.
   */
  notes_count?: null | number;
  /**
   * Number of followers of the organization; only sent where it is asked for.
   */
  followers_count?: null | number;
  /**
   * Number of persons of the organization; only sent where it is asked for.
   */
  people_count?: null | number;
  /**
   * Number of open deals of the organization; only sent where it is asked for.
   */
  open_deals_count?: null | number;
  /**
   * Number of related open deals of the organization; only sent where it is asked for.
   */
  related_open_deals_count?: null | number;
  /**
   * Number of closed deals of the organization; only sent where it is asked for.
   */
  closed_deals_count?: null | number;
  /**
   * Number of related closed deals of the organization; only sent where it is asked for.
   */
  related_closed_deals_count?: null | number;
  /**
   * Number of won deals of the organization; only sent where it is asked for.
   */
  won_deals_count?: null | number;
  /**
   * Number of related won deals of the organization; only sent where it is asked for.
   */
  related_won_deals_count?: null | number;
  /**
   * Number of lost deals of the organization; only sent where it is asked for.
   */
  lost_deals_count?: null | number;
  /**
   * Number of related lost deals of the organization; only sent where it is asked for.
   */
  related_lost_deals_count?: null | number;
  /**
   * The Bcc address that files e-mail with the organization; only sent where it is asked for.
   */
  smart_bcc_email?: null | string;
  /**
   * The organization's custom fields by their 40-character key; null where the account has none.
   */
  custom_fields?: null | {
    [k: string]: unknown;
  };
  [k: string]: unknown;
}

/**
 * A person of Pipedrive (API v2, GET /api/v2/persons).
 */
export interface Person {
  /**
   * The id of the person.
   */
  id: number;
  /**
   * The whole name of the person.
   */
  name?: null | string;
  /**
   * The first name of the person.
   */
  first_name?: null | string;
  /**
   * The last name of the person.
   */
  last_name?: null | string;
  /**
   * The user who owns the person, by id.
   */
  owner_id?: null | number;
  /**
   * The organization of the person, by id.
   */
  org_id?: null | number;
  /**
   * When the person was created.
   */
  add_time?: null | string;
  /**
   * When the person was last changed.
   */
  update_time?: null | string;
  /**
   * The e-mail addresses of the person.
   */
  emails?:
    | null
    | {
        /**
         * The e-mail address.
         */
        value?: null | string;
        /**
         * Whether it is the first choice.
         */
        primary?: null | boolean;
        /**
         * What kind it is: work, home, mobile, other.
         */
        label?: null | string;
        [k: string]: unknown;
      }[];
  /**
   * The phone numbers of the person.
   */
  phones?:
    | null
    | {
        /**
         * The phone number.
         */
        value?: null | string;
        /**
         * Whether it is the first choice.
         */
        primary?: null | boolean;
        /**
         * What kind it is: work, home, mobile, other.
         */
        label?: null | string;
        [k: string]: unknown;
      }[];
  /**
   * Whether the person is deleted.
   */
  is_deleted?: null | boolean;
  /**
   * Who may see the person, as a visibility level.
   */
  visible_to?: null | number;
  /**
   * The labels of the person, by option id.
   */
  label_ids?: null | number[];
  /**
   * The person's picture, by id.
   */
  picture_id?: null | number;
  /**
   * The postal address of the person; only with contact sync.
   */
  postal_address?: null | {
    /**
     * The address as one line.
     */
    value?: null | string;
    /**
     * Apartment or suite number.
     */
    subpremise?: null | string;
    /**
     * House number.
     */
    street_number?: null | string;
    /**
     * Name of the street.
     */
    route?: null | string;
    /**
     * Part of the city.
     */
    sublocality?: null | string;
    /**
     * City or town.
     */
    locality?: null | string;
    /**
     * First administrative area, such as a state.
     */
    admin_area_level_1?: null | string;
    /**
     * Second administrative area, such as a county.
     */
    admin_area_level_2?: null | string;
    /**
     * Country.
     */
    country?: null | string;
    /**
     * Postal code.
     */
    postal_code?: null | string;
    /**
     * The address as the map service writes it.
     */
    formatted_address?: null | string;
    [k: string]: unknown;
  };
  /**
   * Notes from contact sync; only with contact sync.
   */
  notes?: null | string;
  /**
   * Instant messaging accounts of the person; only with contact sync.
   */
  im?:
    | null
    | {
        /**
         * The account.
         */
        value?: null | string;
        /**
         * Whether it is the first choice.
         */
        primary?: null | boolean;
        /**
         * What kind it is: work, home, mobile, other.
         */
        label?: null | string;
        [k: string]: unknown;
      }[];
  /**
   * The birthday of the person; only with contact sync.
   */
  birthday?: null | string;
  /**
   * The job title of the person; only with contact sync.
   */
  job_title?: null | string;
  /**
   * Id of the next activity of the person; only sent where it is asked for.
   */
  next_activity_id?: null | number;
  /**
   * Id of the last activity of the person; only sent where it is asked for.
   */
  last_activity_id?: null | number;
  /**
   * Number of e-mail messages of the person; only sent where it is asked for.
   */
  email_messages_count?: null | number;
  /**
   * Number of activities of the person; only sent where it is asked for.
   */
  activities_count?: null | number;
  /**
   * Number of done activities of the person; only sent where it is asked for.
   */
  done_activities_count?: null | number;
  /**
   * Number of open activities of the person; only sent where it is asked for.
   */
  undone_activities_count?: null | number;
  /**
   * Number of files of the person; only sent where it is asked for.
   */
  files_count?: null | number;
  /**
   * Number of notes of the person; only sent where it is asked for.
   */
  notes_count?: null | number;
  /**
   * Number of followers of the person; only sent where it is asked for.
   */
  followers_count?: null | number;
  /**
   * Number of open deals of the person; only sent where it is asked for.
   */
  open_deals_count?: null | number;
  /**
   * Number of related open deals of the person; only sent where it is asked for.
   */
  related_open_deals_count?: null | number;
  /**
   * Number of closed deals of the person; only sent where it is asked for.
   */
  closed_deals_count?: null | number;
  /**
   * Number of related closed deals of the person; only sent where it is asked for.
   */
  related_closed_deals_count?: null | number;
  /**
   * Number of won deals of the person; only sent where it is asked for.
   */
  won_deals_count?: null | number;
  /**
   * Number of related won deals of the person; only sent where it is asked for.
   */
  related_won_deals_count?: null | number;
  /**
   * Number of lost deals of the person; only sent where it is asked for.
   */
  lost_deals_count?: null | number;
  /**
   * Number of related lost deals of the person; only sent where it is asked for.
   */
  related_lost_deals_count?: null | number;
  /**
   * Number of open deals with participation of the person; only sent where it is asked for.
   */
  participant_open_deals_count?: null | number;
  /**
   * Number of closed deals with participation of the person; only sent where it is asked for.
   */
  participant_closed_deals_count?: null | number;
  /**
   * When the last e-mail from the person came; only sent where it is asked for.
   */
  last_incoming_mail_time?: null | string;
  /**
   * When the last e-mail to the person went out; only sent where it is asked for.
   */
  last_outgoing_mail_time?: null | string;
  /**
   * Whether the person agreed to marketing; only sent where it is asked for.
   */
  marketing_status?: null | string;
  /**
   * The Bcc address that files e-mail with the person; only sent where it is asked for.
   */
  smart_bcc_email?: null | string;
  /**
   * The person's custom fields by their 40-character key; null where the account has none.
   */
  custom_fields?: null | {
    [k: string]: unknown;
  };
  [k: string]: unknown;
}

/**
 * A product of a deal of Pipedrive (API v2, GET /api/v2/deals/products).
 */
export interface DealProduct {
  /**
   * The id of the deal product: of a product as it is attached to one deal.
   */
  id: number;
  /**
   * The deal, by id.
   */
  deal_id: number;
  /**
   * The product in the catalogue, by id.
   */
  product_id?: null | number;
  /**
   * The variation of the product, by id.
   */
  product_variation_id?: null | number;
  /**
   * The name of the product.
   */
  name?: null | string;
  /**
   * The place of the product among those of its deal.
   */
  order_nr?: null | number;
  /**
   * The price of one piece.
   */
  item_price?: null | number;
  /**
   * How many pieces.
   */
  quantity?: null | number;
  /**
   * The discount, of the kind that discount_type says.
   */
  discount?: null | number;
  /**
   * percentage or amount.
   */
  discount_type?: null | string;
  /**
   * What one billing of it comes to: price times quantity, less the discount, with the tax where it is added.
   */
  sum?: null | number;
  /**
   * The tax, in percent.
   */
  tax?: null | number;
  /**
   * exclusive (added to the price), inclusive (in the price) or none.
   */
  tax_method?: null | string;
  /**
   * The currency of its price, as a code of ISO 4217.
   */
  currency?: null | string;
  /**
   * Whether it counts for the deal.
   */
  is_enabled?: null | boolean;
  /**
   * What somebody noted of it.
   */
  comments?: null | string;
  /**
   * one-time, annually, semi-annually, quarterly, monthly or weekly.
   */
  billing_frequency?: null | string;
  /**
   * How many times it is billed; null for indefinitely, and for what is billed once.
   */
  billing_frequency_cycles?: null | number;
  /**
   * The day on which billing begins.
   */
  billing_start_date?: null | string;
  /**
   * When it was attached to the deal.
   */
  add_time?: null | string;
  /**
   * When it was last changed.
   */
  update_time?: null | string;
  [k: string]: unknown;
}
