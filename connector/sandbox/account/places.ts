/** A country of invented organizations and people, with the parts of their names and addresses. */
export interface CustomerPlace {
  country: string;
  /** [city, region, first digits of the postal code] */
  cities: readonly (readonly [string, string, string])[];
  streets: readonly string[];
  phone: string;
  timezone: readonly [number, string];
  currency: string;
  legalForms: readonly string[];
  firstNames: readonly string[];
  lastNames: readonly string[];
  /** Names of businesses there, before their trade. */
  businesses: readonly string[];
}

/** The places of the invented account's customers. */
export const places: readonly CustomerPlace[] = [
  {
    country: "Germany",
    cities: [
      ["Hamburg", "Hamburg", "20"],
      ["München", "Bayern", "80"],
      ["Köln", "Nordrhein-Westfalen", "50"],
      ["Leipzig", "Sachsen", "04"],
    ],
    streets: ["Hauptstraße", "Gartenweg", "Schillerstraße", "Am Kanal", "Lindenallee"],
    phone: "+49 40 555",
    timezone: [315, "Europe/Berlin"],
    currency: "EUR",
    legalForms: ["GmbH", "AG", "GmbH & Co. KG"],
    firstNames: ["Anna", "Jürgen", "Sabine", "Lukas", "Käthe", "Matthias", "Heike", "Jonas"],
    lastNames: ["Schröder", "Weiß", "Krüger", "Bauer", "Hoffmann", "Vogel", "Lindner"],
    businesses: ["Nordwind", "Elbtal", "Steinbach", "Grünfeld", "Rosenthal", "Altmühl"],
  },
  {
    country: "Estonia",
    cities: [
      ["Tallinn", "Harju maakond", "10"],
      ["Tartu", "Tartu maakond", "51"],
      ["Pärnu", "Pärnu maakond", "80"],
    ],
    streets: ["Pärnu maantee", "Narva maantee", "Kalevi", "Rüütli", "Lai"],
    phone: "+372 555 ",
    timezone: [310, "Europe/Tallinn"],
    currency: "EUR",
    legalForms: ["OÜ", "AS"],
    firstNames: ["Kärt", "Tõnu", "Mari", "Rasmus", "Liis", "Õie", "Jaan"],
    lastNames: ["Tamm", "Mägi", "Õunapuu", "Kask", "Põld", "Sepp"],
    businesses: ["Põhjala", "Rannaküla", "Tammsaare", "Merevaik", "Sinilill"],
  },
  {
    country: "United States",
    cities: [
      ["Sunnyvale", "CA", "940"],
      ["Austin", "TX", "787"],
      ["Portland", "OR", "972"],
      ["Chicago", "IL", "606"],
    ],
    streets: ["Main St", "Oak Avenue", "W 5th St", "Mission Blvd", "River Rd"],
    phone: "+1 555 01",
    timezone: [120, "America/Chicago"],
    currency: "USD",
    legalForms: ["Inc.", "LLC", "Corp."],
    firstNames: ["Emily", "James", "Aaliyah", "Michael", "Grace", "Diego", "Hannah", "O'Shea"],
    lastNames: ["Johnson", "O'Neill", "Martinez", "Nguyen", "Brooks", "Smith-Jones", "Patel"],
    businesses: ["Blue Ridge", "Cedar & Sons", "Lakeshore", "Ironwood", "Golden Gate", "Prairie"],
  },
  {
    country: "United Kingdom",
    cities: [
      ["Bristol", "England", "BS1 "],
      ["Leeds", "England", "LS2 "],
      ["Edinburgh", "Scotland", "EH3 "],
    ],
    streets: ["High Street", "Station Road", "King's Lane", "Mill Hill"],
    phone: "+44 20 7946 0",
    timezone: [300, "Europe/London"],
    currency: "GBP",
    legalForms: ["Ltd", "plc"],
    firstNames: ["Oliver", "Amelia", "Siân", "Harry", "Isla", "Rhys"],
    lastNames: ["Taylor", "Llewellyn", "Clarke", "Hughes", "MacDonald", "Wright"],
    businesses: ["Harbour", "Fox & Finch", "Kingsway", "Thistle", "Old Mill"],
  },
  {
    country: "France",
    cities: [
      ["Lyon", "Auvergne-Rhône-Alpes", "69"],
      ["Nantes", "Pays de la Loire", "44"],
      ["Besançon", "Bourgogne-Franche-Comté", "25"],
    ],
    streets: ["rue de la République", "avenue Foch", "quai de l'Île", "rue du Château"],
    phone: "+33 4 55 55 ",
    timezone: [312, "Europe/Paris"],
    currency: "EUR",
    legalForms: ["SAS", "SARL", "S.A."],
    firstNames: ["Élodie", "François", "Zoé", "Benoît", "Anaïs", "Gaël"],
    lastNames: ["Lefèvre", "D'Aubigné", "Moreau", "Garçon", "Noël", "Hernández"],
    businesses: ["Cèdre Bleu", "L'Étoile", "Belle Rive", "Hautes Terres", "Mélèze"],
  },
  {
    country: "Poland",
    cities: [
      ["Łódź", "łódzkie", "90-"],
      ["Kraków", "małopolskie", "30-"],
      ["Gdańsk", "pomorskie", "80-"],
    ],
    streets: ["ul. Piotrkowska", "ul. Długa", "aleja Róż", "ul. Święty Marcin"],
    phone: "+48 22 555 ",
    timezone: [320, "Europe/Warsaw"],
    currency: "PLN",
    legalForms: ["sp. z o.o.", "S.A."],
    firstNames: ["Małgorzata", "Paweł", "Agnieszka", "Łukasz", "Żaneta", "Grzegorz"],
    lastNames: ["Wiśniewska", "Kowalczyk", "Dąbrowski", "Żak", "Nowak", "Szymański"],
    businesses: ["Bałtyk", "Złoty Róg", "Wisła", "Jodła", "Błękit"],
  },
  {
    country: "Sweden",
    cities: [
      ["Göteborg", "Västra Götaland", "411 "],
      ["Malmö", "Skåne", "211 "],
      ["Umeå", "Västerbotten", "903 "],
    ],
    streets: ["Storgatan", "Kungsgatan", "Sjövägen", "Björkvägen"],
    phone: "+46 31 55 5",
    timezone: [318, "Europe/Stockholm"],
    currency: "SEK",
    legalForms: ["AB", "HB"],
    firstNames: ["Åsa", "Björn", "Linnéa", "Göran", "Elin", "Sven"],
    lastNames: ["Åkesson", "Lindström", "Sjöberg", "Nyström", "Öberg"],
    businesses: ["Norrsken", "Fjällräven & Co", "Västkusten", "Granit", "Skärgård"],
  },
  {
    country: "Turkey",
    cities: [
      ["İstanbul", "İstanbul", "34"],
      ["İzmir", "İzmir", "35"],
    ],
    streets: ["İstiklal Caddesi", "Atatürk Bulvarı", "Çiçek Sokak"],
    phone: "+90 212 555 ",
    timezone: [330, "Europe/Istanbul"],
    currency: "TRY",
    legalForms: ["A.Ş.", "Ltd. Şti."],
    firstNames: ["Ayşe", "Çağlar", "Işıl", "Ömer", "Şule"],
    lastNames: ["Yıldız", "Öztürk", "Şahin", "Çelik"],
    businesses: ["Boğaziçi", "Güneş", "Yeşil Vadi", "Çınar"],
  },
  {
    country: "Japan",
    cities: [
      ["京都市", "京都府", "600-"],
      ["大阪市", "大阪府", "530-"],
    ],
    streets: ["烏丸通", "御堂筋", "四条通"],
    phone: "+81 6 5555 ",
    timezone: [400, "Asia/Tokyo"],
    currency: "JPY",
    legalForms: ["株式会社", "合同会社"],
    firstNames: ["美咲", "健太", "さくら", "翔"],
    lastNames: ["佐藤", "鈴木", "高橋", "渡辺"],
    businesses: ["さくら", "青空", "東山", "みどり"],
  },
];

/** The trades of the invented organizations: the second half of their names. */
export const trades: readonly string[] = [
  "Analytics",
  "Logistics",
  "Foods",
  "Robotics",
  "Textiles",
  "Media",
  "Energy",
  "Instruments",
  "Health",
  "Studios",
  "Consulting",
  "Furniture",
  "Software",
  "Marine",
  "Optics",
  "Travel",
  "Printing",
  "Dairy",
  "Bikes",
  "Security",
  "Ceramics",
  "Networks",
  "Pharma",
  "Gardens",
];
