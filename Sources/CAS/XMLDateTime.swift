import FoundationEssentials

/// `xs:dateTime` in UTC with milliseconds, `2020-02-11T09:28:14.000Z`: the form that the workbench's applications know,
/// some of whose parsers insist on the fraction.
///
/// Every validation writes one, and Foundation's formatter costs more than the rest of the answer.
enum XMLDateTime {
    /// - Parameter date: Whole seconds, years 1 to 9999.
    static func text(_ date: Date) -> String {
        let seconds = Int(date.timeIntervalSince1970.rounded(.down))
        let days = seconds.quotient(flooredBy: 86_400)
        let second = seconds - days * 86_400
        let (year, month, day) = civil(days)
        let calendarDate = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        let time = "\(padded(second / 3_600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
        return "\(calendarDate)T\(time).000Z"
    }

    /// The Gregorian date of a number of days since 1970-01-01. Years are counted from March, so that the leap day is
    /// the last of a year, in eras of 400 years, which all have 146,097 days.
    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let sinceMarch0000 = days + 719_468
        let era = sinceMarch0000.quotient(flooredBy: 146_097)
        let dayOfEra = sinceMarch0000 - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

extension Int {
    /// Division that rounds down also below zero.
    fileprivate func quotient(flooredBy divisor: Int) -> Int {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
