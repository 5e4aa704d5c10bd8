// SPDX-License-Identifier: Apache-2.0
import Units

/// The servers that come with Foreshadow, by the name that scenario files use.
///
/// Power figures are SPECpower_ssj2008 results (www.spec.org/power_ssj2008, © Standard Performance
/// Evaluation Corporation); system, CPU and publication date name the result. Cores and memory are
/// those of the tested system. A new server is one more line in ``all``.
public enum ServerCatalog {
  /// Every server, oldest first.
  public static let all: [ServerModel] = [
    hpProLiantML110G3, hpProLiantML110G4, hpProLiantML110G5,
    ibmX3250X3470, ibmX3250X3480, ibmX3550X5670, ibmX3550X5675,
    dellR640At2017, dellR640At2021,
    lenovoSR665At2020, lenovoSR665At2021, lenovoSR645At2021, hpeDL385Gen10PlusAt2021,
    hpeDL360Gen10PlusAt2021, fujitsuRX2540M6At2021, supermicro620CAt2021, inspurNF5180M6At2021,
    asusRS700AAt2022, hpeDL385Gen10PlusAt2022, asusRS720AE12At2023, dellHS5610At2024,
  ]

  /// The server that scenario files get when they name none.
  public static let defaultName = "dell-r640-2021"

  /// The server called `name`, or nil when there is none.
  public static func model(named name: String) -> ServerModel? {
    all.first { $0.name == name }
  }
}

/// A server whose power is a published table.
private func measured(
  _ name: String, _ about: String, cores: Double, gibibytes: Double, watts: [Double]
) -> ServerModel {
  ServerModel(
    name: name, about: about, cores: Cores(cores), memory: .gibibytes(gibibytes),
    curve: .table(PowerTable(watts: watts)))
}

// The machines of the CloudSim studies (Beloglazov & Buyya, CCPE 24(13) 2012, and later ones).
private let hpProLiantML110G3 = measured(
  "hp-proliant-ml110-g3", "HP ProLiant ML110 G3, Pentium D 930; SPEC Feb 23, 2011",
  cores: 2, gibibytes: 4, watts: [105, 112, 118, 125, 131, 137, 147, 153, 157, 164, 169])
private let hpProLiantML110G4 = measured(
  "hp-proliant-ml110-g4", "HP ProLiant ML110 G4, Xeon 3040; SPEC Feb 17, 2011",
  cores: 2, gibibytes: 4, watts: [86, 89.4, 92.6, 96, 99.5, 102, 106, 108, 112, 114, 117])
private let hpProLiantML110G5 = measured(
  "hp-proliant-ml110-g5", "HP ProLiant ML110 G5, Xeon 3075; SPEC Feb 17, 2011",
  cores: 2, gibibytes: 4, watts: [93.7, 97, 101, 105, 110, 116, 121, 125, 129, 133, 135])
private let ibmX3250X3470 = measured(
  "ibm-x3250-x3470", "IBM System x3250 M3, Xeon X3470; SPEC table as used by CloudSim",
  cores: 4, gibibytes: 8, watts: [41.6, 46.7, 52.3, 57.9, 65.4, 73, 80.7, 89.5, 99.6, 105, 113])
private let ibmX3250X3480 = measured(
  "ibm-x3250-x3480", "IBM System x3250 M3, Xeon X3480; SPEC table as used by CloudSim",
  cores: 4, gibibytes: 8, watts: [42.3, 46.7, 49.7, 55.4, 61.8, 69.3, 76.1, 87, 96.1, 106, 113])
private let ibmX3550X5670 = measured(
  "ibm-x3550-x5670", "IBM System x3550 M3, 2 × Xeon X5670; SPEC Apr 7, 2010",
  cores: 12, gibibytes: 12, watts: [66, 107, 120, 131, 143, 156, 173, 191, 211, 229, 247])
private let ibmX3550X5675 = measured(
  "ibm-x3550-x5675", "IBM System x3550 M3, 2 × Xeon X5675; SPEC Apr 20, 2011",
  cores: 12, gibibytes: 16, watts: [58.4, 98, 109, 118, 128, 140, 153, 170, 189, 205, 222])

// Dell sold the R640 from 2017 to 2021; SPEC has one result for it, of 2017, which both names use.
private let dellR640Watts: [Double] = [55, 125, 151, 176, 202, 232, 261, 301, 357, 421, 469]
private let dellR640At2017 = measured(
  "dell-r640-2017", "Dell PowerEdge R640, 2 × Xeon Platinum 8180; SPEC Sep 13, 2017 (00781)",
  cores: 56, gibibytes: 192, watts: dellR640Watts)
private let dellR640At2021 = measured(
  "dell-r640-2021",
  "Dell PowerEdge R640 as sold until 2021: the curve of the only SPEC result, Sep 13, 2017 (00781), "
    + "with the 384 GiB usual for VM hosts",
  cores: 56, gibibytes: 384, watts: dellR640Watts)

// Two-socket machines of 2020–2022.
private let lenovoSR665At2020 = measured(
  "lenovo-sr665-2020", "Lenovo ThinkSystem SR665, 2 × EPYC 7742; SPEC Jun 10, 2020",
  cores: 128, gibibytes: 256, watts: [82.8, 180, 205, 226, 246, 267, 286, 306, 325, 349, 391])
private let lenovoSR665At2021 = measured(
  "lenovo-sr665-2021", "Lenovo ThinkSystem SR665, 2 × EPYC 7763; SPEC Apr 8, 2021",
  cores: 128, gibibytes: 256, watts: [79.3, 172, 194, 216, 239, 258, 281, 304, 332, 382, 454])
private let lenovoSR645At2021 = measured(
  "lenovo-sr645-2021", "Lenovo ThinkSystem SR645, 2 × EPYC 7763; SPEC Mar 24, 2021",
  cores: 128, gibibytes: 256, watts: [75.6, 173, 195, 217, 239, 258, 283, 307, 333, 386, 460])
private let hpeDL385Gen10PlusAt2021 = measured(
  "hpe-dl385-gen10plus-2021", "HPE ProLiant DL385 Gen10 Plus, 2 × EPYC 7763; SPEC Mar 15, 2021",
  cores: 128, gibibytes: 256, watts: [120, 200, 232, 260, 287, 336, 391, 430, 470, 510, 546])
private let hpeDL360Gen10PlusAt2021 = measured(
  "hpe-dl360-gen10plus-2021",
  "HPE ProLiant DL360 Gen10 Plus, 2 × Xeon Platinum 8380; SPEC Jun 30, 2021",
  cores: 80, gibibytes: 256, watts: [110, 181, 211, 240, 268, 303, 344, 397, 455, 578, 623])
private let fujitsuRX2540M6At2021 = measured(
  "fujitsu-rx2540-m6-2021", "Fujitsu PRIMERGY RX2540 M6, 2 × Xeon Platinum 8380; SPEC Jun 9, 2021",
  cores: 80, gibibytes: 256, watts: [135, 198, 224, 249, 274, 302, 335, 378, 437, 489, 564])
private let supermicro620CAt2021 = measured(
  "supermicro-sys-620c-2021",
  "Supermicro SuperServer SYS-620C-TN12R, 2 × Xeon Platinum 8380; SPEC Jul 7, 2021",
  cores: 80, gibibytes: 256, watts: [101, 172, 210, 250, 289, 306, 322, 365, 419, 489, 622])
private let inspurNF5180M6At2021 = measured(
  "inspur-nf5180m6-2021", "Inspur NF5180M6, 2 × Xeon Platinum 8380; SPEC Aug 19, 2021",
  cores: 80, gibibytes: 256, watts: [129, 188, 213, 238, 264, 293, 329, 371, 419, 561, 625])
private let asusRS700AAt2022 = measured(
  "asus-rs700a-e11-2022", "ASUSTeK RS700A-E11-RS4U, 2 × EPYC 7763; SPEC Jul 13, 2022",
  cores: 128, gibibytes: 256, watts: [94.6, 164, 182, 199, 215, 232, 250, 269, 303, 350, 408])
private let hpeDL385Gen10PlusAt2022 = measured(
  "hpe-dl385-gen10plus-2022", "HPE ProLiant DL385 Gen10 Plus, 2 × EPYC 7773X; SPEC Mar 24, 2022",
  cores: 128, gibibytes: 256, watts: [101, 207, 237, 265, 292, 328, 359, 417, 451, 507, 548])

// Newer curves taken from public code that cites the SPEC file; not compared with spec.org. Cores
// and memory are the machine type's usual ones.
private let asusRS720AE12At2023 = measured(
  "asus-rs720a-e12-2023", "ASUSTeK RS720A-E12-RS12, 2 × EPYC 9754; SPEC 20231205-01347",
  cores: 256, gibibytes: 768, watts: [117, 231, 278, 319, 353, 382, 412, 461, 519, 591, 685])
private let dellHS5610At2024 = measured(
  "dell-hs5610-2024", "Dell PowerEdge HS5610, 2 × Xeon 4th generation; SPEC 20240227-01376",
  cores: 64, gibibytes: 256, watts: [122, 220, 245, 268, 295, 325, 360, 448, 535, 600, 602])
